package atelier.datasets.consent.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.RefusedException;
import atelier.datasets.consent.key.WebAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebSignalsTest {
    @TempDir
    Path folder;

    private static List<Signal.Protocol> header(String name, String value, boolean strict) {
        return new Captured(Map.of(name, List.of(value)), null)
                .signals(null, strict, false).stream().map(Signal::protocol).toList();
    }

    private static List<Signal.Protocol> page(String html, boolean strict) {
        return new Captured(Map.of(), html)
                .signals(WebAddress.parse("https://example.com/a.png"), strict, false).stream()
                        .map(Signal::protocol)
                        .toList();
    }

    /** What a captured file of that name says about an image. */
    private List<Signal> site(String file, String text, String url, boolean strict) throws IOException {
        Path host = folder.resolve("example.com");
        Files.createDirectories(host);
        Path path = Files.writeString(host.resolve(file), text);
        List<Signal> signals = Sites.load(List.of(folder)).signals(WebAddress.parse(url), strict).stream()
                .map(Sites.Sourced::signal)
                .toList();
        Files.delete(path);
        return signals;
    }

    @ParameterizedTest
    @CsvSource({
        "noai,true,true",
        "'noindex, NoImageAI',true,true",
        "'otherbot: noai',false,true",
        "'atelier: noai',true,true",
        "'*: noai',true,true",
        "'otherbot: nofollow, noai',true,true",
        "'unavailable_after: 25 Jun 2030 15:00:00 PST, noai',true,true",
        "noindex,false,true",
        "none,false,true",
        "'max-snippet: 5',false,false",
        "noaixyz,false,false",
    })
    void theHeaderXRobotsTagIsReadWithItsAgents(String value, boolean objects, boolean objectsWhenStrict) {
        assertThat(header("x-robots-tag", value, false)).hasSize(objects ? 1 : 0);
        assertThat(header("x-robots-tag", value, true)).hasSize(objectsWhenStrict ? 1 : 0);
    }

    @Test
    void metaElementsAreReadInAnyCaseAndQuoting() {
        assertThat(page("<META CONTENT='NOAI, noimageai' NAME=Robots>", false)).containsExactly(Signal.Protocol.NOAI);
        assertThat(page("<meta name=robots content=noimageai>", false)).containsExactly(Signal.Protocol.NOAI);
        assertThat(page("<meta name=gptbot content=noai>", false)).isEmpty();
        assertThat(page("<meta name=gptbot content=noai>", true)).hasSize(1);
        assertThat(page("<meta name=robots content=index>", true)).isEmpty();
        assertThat(page("<!-- <meta name=robots content=noai> -->", true)).isEmpty();
        assertThat(page("<meta name=tdm-reservation content=1>", false)).containsExactly(Signal.Protocol.TDMREP);
        assertThat(page("<link rel=license type=application/rsl+xml href=/l.xml>", false))
                .containsExactly(Signal.Protocol.RSL);
    }

    @ParameterizedTest
    @CsvSource({"1,true", "' 1 ',true", "0,false", "true,false", "11,false"})
    void tdmReservationIsOneOrNothing(String value, boolean objects) {
        assertThat(header("tdm-reservation", value, false)).hasSize(objects ? 1 : 0);
    }

    @Test
    void theFirstMatchingEntryOfTdmrepDecides() throws IOException {
        String json = """
                [{"location": "/free/*", "tdm-reservation": 0},
                 {"location": "/odd/", "tdm-reservation": 7},
                 {"location": "*.png$", "tdm-reservation": 1, "tdm-policy": "https://example.com/p"}]
                """;
        assertThat(site("tdmrep.json", json, "https://example.com/free/a.png", false))
                .isEmpty();
        assertThat(site("tdmrep.json", json, "https://example.com/odd/a.png", false))
                .isEmpty();
        assertThat(site("tdmrep.json", json, "https://example.com/a.png", false))
                .hasSize(1);
        assertThat(site("tdmrep.json", json, "https://www.example.com/a.png", false))
                .hasSize(1);
        assertThat(site("tdmrep.json", json, "https://example.com/a.png?x=1", false))
                .isEmpty();
        assertThat(site("tdmrep.json", json, "https://example.org/a.png", false))
                .isEmpty();
        for (String broken : List.of("{}", "[{\"tdm-reservation\":1}]", "[", "<html>")) {
            assertThat(site("tdmrep.json", broken, "https://example.com/free/a.png", false))
                    .singleElement()
                    .satisfies(s -> assertThat(s.reason()).contains("cannot be read"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "train-ai=n,true",
        "'search=y, train-ai=n;why=x',true",
        "train-ai=y,false",
        "search=n,false",
        "tdm=n,true",
        "'tdm=n, train-ai=y',false",
        "'train-ai=y, genai=n',true",
        "train-ai=maybe,true",
        "train-ai,true",
        "TRAIN=n=n,true",
        "'train-ai=y, ((',true",
    })
    void contentUsageIsReadAsAipref(String value, boolean objects) {
        assertThat(header("content-usage", value, false)).hasSize(objects ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({
        "'search=yes,ai-train=no',true",
        "'search=yes, AI-Train=No',true",
        "ai-train=yes,false",
        "search=no,false",
        "ai-train=perhaps,true",
        "ai-train,true",
    })
    void contentSignalIsRead(String value, boolean objects) {
        assertThat(header("content-signal", value, false)).hasSize(objects ? 1 : 0);
    }

    @Test
    void theLongestPathInRobotsDecides() throws IOException {
        String robots = """
                # comment
                User-agent: *
                Disallow: /private
                Content-Usage: train-ai=n
                Content-Usage: /open/ train-ai=y
                Content-Usage: /open/closed/ train-ai=n

                User-agent: OtherBot
                Content-Signal: ai-train=no
                """;
        assertThat(site("robots.txt", robots, "https://example.com/a.png", false))
                .singleElement()
                .satisfies(s -> assertThat(s.line()).isEqualTo(4));
        assertThat(site("robots.txt", robots, "https://example.com/open/a.png", false))
                .isEmpty();
        assertThat(site("robots.txt", robots, "https://example.com/open/closed/a.png", false))
                .hasSize(1);
        assertThat(site("robots.txt", robots, "https://example.com/open/a.png", true))
                .extracting(Signal::protocol)
                .containsExactly(Signal.Protocol.CONTENT_SIGNAL);
        assertThat(site("robots.txt", "User-agent: *\nContent-Usage train-ai=n\n", "https://example.com/a.png", false))
                .hasSize(1);
        assertThat(site("robots.txt", "User-agent: GPTBot\nDisallow: /\n", "https://example.com/a.png", false))
                .isEmpty();
        assertThat(site("robots.txt", "User-agent: GPTBot\nDisallow: /\n", "https://example.com/a.png", true))
                .extracting(Signal::protocol)
                .containsExactly(Signal.Protocol.ROBOTS);
        assertThat(site("robots.txt", "License: https://example.com/l.xml\n", "https://example.com/a.png", false))
                .extracting(Signal::protocol)
                .containsExactly(Signal.Protocol.RSL);
    }

    @Test
    void aiTxtSpeaksOfExtensions() throws IOException {
        String text = "User-Agent: *\nDisallow: *.jpg\nDisallow: *.png\nAllow: /press/*.png\n";
        assertThat(site("ai.txt", text, "https://example.com/x/a.jpg", false)).hasSize(1);
        assertThat(site("ai.txt", text, "https://img.example.com/x/a.jpg?w=3", false))
                .hasSize(1);
        assertThat(site("ai.txt", text, "https://example.com/a.webp", false)).isEmpty();
        assertThat(site("ai.txt", text, "https://example.com/press/a.png", false))
                .isEmpty();
        assertThat(site("ai.txt", "User-Agent: *\nDisallow: /\n", "https://example.com/a", false))
                .hasSize(1);
        assertThat(site("ai.txt", "User-Agent: *\nDisallow:\n", "https://example.com/a.jpg", false))
                .isEmpty();
        assertThat(site("ai.txt", "<!doctype html><p>404", "https://example.com/a.jpg", false))
                .hasSize(1);
        assertThat(site("ai.txt", "User-Agent: *\nDisallow *.jpg\n", "https://example.com/a.webp", false))
                .hasSize(1);
    }

    private static String rsl(String license) {
        return "<rsl xmlns='https://rslstandard.org/rsl'><content url='/art/*'><license>" + license
                + "</license></content></rsl>";
    }

    @Test
    void rslProhibitsWhatItSaysAndWhatItLeavesOut() throws IOException {
        List<String> objecting = List.of(
                rsl("<prohibits type='usage'>ai-train</prohibits>"),
                rsl("<prohibits type='usage'>search, all</prohibits>"),
                rsl("<prohibits type=\"usage\">train-ai</prohibits>"),
                rsl("<permits type='usage'>search</permits>"),
                rsl("<permits type='usage'>ai-train</permits><payment type='subscription'/>"),
                rsl("<permits type='usage'>ai-train</permits>")
                        .replace("'/art/*'", "'/art/*' server='https://rsl.example'"),
                rsl("").replace("https://rslstandard.org/rsl'", "https://rslstandard.org/rsl' x='")
                        .concat("<"),
                "<!DOCTYPE rsl [<!ENTITY a 'b'>]>" + rsl("&a;"),
                "<html/>",
                "<rsl/>");
        for (String xml : objecting) {
            assertThat(site("license.xml", xml, "https://example.com/art/a.png", false))
                    .as(xml)
                    .hasSize(1);
        }
        List<String> silent = List.of(
                rsl("<permits type='usage'>ai-all</permits>"),
                rsl("<permits type='usage'>ai-train</permits><payment type='attribution'/>"),
                rsl("<prohibits type='geo'>all</prohibits>"),
                rsl("<prohibits type='usage'>ai-train</prohibits>").replace("/art/*", "https://other.example/*"),
                rsl("<prohibits type='usage'>ai-train</prohibits>").replace("/art/*", "/text/"));
        for (String xml : silent) {
            assertThat(site("license.xml", xml, "https://example.com/art/a.png", false))
                    .as(xml)
                    .isEmpty();
        }
        assertThat(site(
                        "license.xml",
                        rsl("<prohibits type='usage'>all</prohibits>")
                                .replace("/art/*", "https://example.com/art/*.png$"),
                        "https://www.example.com/art/a.png",
                        false))
                .hasSize(1);
    }

    @Test
    void whatIsNotKnownInACaptureIsRefused() throws IOException {
        Path host = Files.createDirectories(folder.resolve("sites/example.com"));
        Files.writeString(host.resolve("humans.txt"), "x");
        assertThatThrownBy(() -> Sites.load(List.of(folder.resolve("sites"))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("humans.txt");
        assertThatThrownBy(() -> Sites.load(List.of(folder.resolve("none")))).isInstanceOf(RefusedException.class);
        Path replies = Files.writeString(folder.resolve("r.jsonl"), "{\"url\":\"https://example.com/a\"}\n");
        assertThatThrownBy(() -> Responses.read(replies, (a, r, l) -> {}))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("r.jsonl line 1");
    }

    @Test
    void patternsThatDoubleBackTakeNoLongTime() {
        String path = "/" + "a".repeat(5000);
        assertThat(new PathPattern("/*" + "a*".repeat(50) + "b$").matches(path)).isFalse();
        List<Boolean> answers = new ArrayList<>();
        for (String pattern : List.of("/", "*", "/a*$", "/a$", "*a", "$")) {
            answers.add(new PathPattern(pattern).matches("/a/b"));
        }
        assertThat(answers).containsExactly(true, true, true, false, true, true);
    }
}
