package atelier.datasets.consent.web;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.common.error.MalformedException;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.fuzz.Corpus;
import atelier.datasets.pairs.Cases;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Files of any bytes that a host may have served: an answer that another reading confirms, or a fault with its place. */
class WebParsersFuzzTest {
    private static final String PATH = "/works/a.png";
    private static final String SITE = "https://example.com/works/";
    private static final WebAddress ADDRESS = WebAddress.parse("https://example.com" + PATH);
    private static final Pattern FAULT = Pattern.compile("line (\\d+) .*", Pattern.DOTALL);
    private static final Set<String> TRAINING = Set.of("all", "ai-all", "ai-train", "train-ai");

    @FuzzTest(maxDuration = "2m")
    void robots(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        String body = text.startsWith("\uFEFF") ? text.substring(1) : text;
        String[] lines = body.split("\r\n|\r|\n", -1);
        for (boolean strict : new boolean[] {false, true}) {
            RobotsFile file;
            try {
                file = RobotsFile.parse(text, strict);
            } catch (MalformedException e) {
                Matcher fault = FAULT.matcher(e.getMessage());
                assertThat(fault.matches()).as(e.getMessage()).isTrue();
                String line = written(lines[Integer.parseInt(fault.group(1)) - 1]);
                assertThat(line.startsWith("<") || line.indexOf(':') <= 0)
                        .as(line)
                        .isTrue();
                continue;
            }
            List<String> read = new ArrayList<>();
            for (RobotsFile.Group group : file.groups()) {
                for (RobotsFile.Line line : group.lines()) {
                    String written = written(lines[(int) line.number() - 1]);
                    int colon = written.indexOf(':');
                    assertThat(line.name())
                            .isEqualTo(written.substring(0, colon).strip().toLowerCase(Locale.ROOT));
                    assertThat(line.value())
                            .isEqualTo(written.substring(colon + 1).strip());
                    read.add(line.name());
                }
            }
            // No rule is lost: all lines of a name and a value but those that name an agent.
            List<String> rules = new ArrayList<>();
            for (String line : lines) {
                String written = written(line);
                int colon = written.indexOf(':');
                String name =
                        colon < 0 ? "" : written.substring(0, colon).strip().toLowerCase(Locale.ROOT);
                if (colon > 0 && !name.equals("user-agent")) {
                    rules.add(name);
                }
            }
            assertThat(read).isEqualTo(rules);
            for (Signal signal : UsagePreference.robots(file.lines(agent -> true), PATH)) {
                assertThat(written(lines[(int) signal.line() - 1]).toLowerCase(Locale.ROOT))
                        .startsWith("content-" + (signal.protocol() == Signal.Protocol.AIPREF ? "usage" : "signal"));
            }
            Signal away = AiTxt.robots(file, PATH);
            if (away != null) {
                assertThat(written(lines[(int) away.line() - 1]).toLowerCase(Locale.ROOT))
                        .startsWith("disallow");
            }
        }
    }

    private static String written(String line) {
        int comment = line.indexOf('#');
        return (comment < 0 ? line : line.substring(0, comment)).strip();
    }

    /** Where nothing objects, another reader of XML finds no prohibition for the site either. */
    @FuzzTest(maxDuration = "2m")
    void rsl(byte[] bytes) throws Exception {
        Signal signal;
        try {
            signal = Rsl.parse(bytes).signal(ADDRESS);
        } catch (MalformedException e) {
            assertThat(e.getMessage()).matches("(?s)(the XML |the document|line \\d+: ).*");
            return;
        }
        if (signal != null) {
            assertThat(signal.protocol()).isEqualTo(Signal.Protocol.RSL);
            return;
        }
        Document document = document(bytes);
        NodeList prohibitions = document.getElementsByTagNameNS("*", "prohibits");
        for (int i = 0; i < prohibitions.getLength(); i++) {
            Element prohibits = (Element) prohibitions.item(i);
            boolean usage = !prohibits.hasAttribute("type")
                    || prohibits.getAttribute("type").equals("usage");
            boolean training = Stream.of(
                            prohibits.getTextContent().toLowerCase(Locale.ROOT).split("[,\\s]+"))
                    .anyMatch(TRAINING::contains);
            boolean plain = prohibits.getElementsByTagName("*").getLength() == 0
                    && prohibits.getParentNode() instanceof Element license
                    && "license".equals(license.getLocalName())
                    && license.getParentNode() instanceof Element content
                    && "content".equals(content.getLocalName())
                    && content.getAttribute("url").equals(SITE);
            assertThat(usage && training && plain).isFalse();
        }
    }

    private static Document document(byte[] bytes) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setErrorHandler(null);
        boolean wide = bytes.length > 1 && (bytes[0] == 0 || bytes[1] == 0 || (bytes[0] & 255) >= 0xFE);
        String text = new String(bytes, wide ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8);
        return builder.parse(new InputSource(new StringReader(text.startsWith("\uFEFF") ? text.substring(1) : text)));
    }

    /** The first entry whose location matches decides. */
    @FuzzTest(maxDuration = "2m")
    void tdmRep(byte[] bytes) throws IOException {
        Signal signal;
        try {
            signal = TdmRep.parse(bytes).signal(PATH);
        } catch (MalformedException e) {
            assertThat(e.getMessage())
                    .matches("(?s)(it is no JSON: .*|it is no list of entries|entry \\d+ has no location)");
            return;
        }
        Signal expected = null;
        for (JsonNode entry : new ObjectMapper().readTree(bytes)) {
            String location = entry.get("location").textValue();
            if (new PathPattern(location).matches(PATH)) {
                String reservation = entry.path("tdm-reservation").asText("").strip();
                expected = reservation.equals("1")
                        ? new Signal(Signal.Protocol.TDMREP, "tdmrep.json reserves '" + location + "'", 0)
                        : null;
                break;
            }
        }
        assertThat(signal).isEqualTo(expected);
    }

    @Test
    void damagedFiles() throws IOException {
        Corpus.damage(WebParsersFuzzTest.class, "robots", 2000, this::robots);
        Corpus.damage(WebParsersFuzzTest.class, "rsl", 1000, this::rsl);
        Corpus.damage(WebParsersFuzzTest.class, "tdmRep", 1000, this::tdmRep);
    }

    @Test
    void anyBytes() {
        Cases.check(1, 1000, random -> Cases.bytes(random, 60), bytes -> {
            robots(bytes);
            rsl(bytes);
            tdmRep(bytes);
        });
        Cases.check(1, 1000, random -> Cases.text(random, 80).getBytes(StandardCharsets.UTF_8), this::robots);
    }
}
