package atelier.datasets.consent.list;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.RefusedException;
import atelier.common.file.Sha256;
import atelier.datasets.consent.key.Key128;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptOutManifestTest {
    private static final String HEX = "0123456789abcdef".repeat(4);

    @TempDir
    Path folder;

    private Path list(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static List<String> read(Path list) {
        Collected collected = new Collected();
        new OptOutManifest(list).read(collected);
        return collected.said;
    }

    @Test
    void jsonLinesAndTablesSayTheSame() throws IOException {
        Path json = list("list.jsonl", """
                {"id":"1","kind":"domain","value":"Example.com","subdomains":false,"asOf":"2026-01-31"}

                {"id":"2","kind":"url","value":"https://example.org/a.png","source":"a letter"}
                {"kind":"sha256","value":"%s"}
                {"kind":"pdq","value":"%s","maxDistance":20}
                {"kind":"creator","value":"Jane Doe","aliases":["J. Doe","JD"],"x_note":{"any":"thing"}}
                {"kind":"licence","value":"CC-BY-4.0"}
                """.formatted(HEX, HEX));
        Path csv = list("list.csv", """
                kind,value,subdomains,aliases,max_distance,as_of,source
                domain,Example.com,false,,,2026-01-31,

                url,https://example.org/a.png,,,,,a letter
                sha256,%s,,,,,
                pdq,%s,,,20,,
                creator,Jane Doe,,J. Doe|JD,,,
                licence,CC-BY-4.0,,,,,
                """.formatted(HEX, HEX));

        List<String> fromJson = read(json);
        assertThat(fromJson)
                .containsExactly(
                        "1 domain " + Key128.of("example.com") + " false",
                        "3 url " + Key128.of("example.org/a.png"),
                        "4 sha256 " + HEX.substring(0, 32),
                        "5 pdq " + HEX + " 20",
                        "6 creator jane doe",
                        "6 creator j doe",
                        "6 creator jd",
                        "7 licence CC-BY-4.0");
        // One line further down each, for the header.
        assertThat(read(csv).stream().map(s -> s.substring(s.indexOf(' '))).toList())
                .isEqualTo(
                        fromJson.stream().map(s -> s.substring(s.indexOf(' '))).toList());
        assertThat(read(csv).get(7)).startsWith("8 ");
    }

    @Test
    void aSpawningReplyOptsOutTheAddressesThatItSays() throws IOException {
        Path reply = list("spawning.json", """
                {"urls": [
                  {"url": "https://example.com/a.png", "optOut": true},
                  {"url": "https://example.com/b.png", "optOut": false, "more": [1, {"a": 2}]}
                ]}
                """);

        assertThat(read(reply)).containsExactly("2 url " + Key128.of("example.com/a.png"));
    }

    @Test
    void packedListsAreDigestedAsTheyLieOnDisk() throws IOException {
        Path packed = folder.resolve("list.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write("{\"kind\":\"creator\",\"value\":\"Jane\"}\n".getBytes(StandardCharsets.UTF_8));
        }

        Collected collected = new Collected();
        ListDigest digest = new OptOutManifest(packed).read(collected);

        assertThat(collected.said).containsExactly("1 creator jane");
        assertThat(digest).isEqualTo(new ListDigest(packed.toString(), Sha256.of(packed), 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kind\":\"creator\"}",
                "{\"kind\":\"artist\",\"value\":\"x\"}",
                "{\"value\":\"x\"}",
                "{\"kind\":\"creator\",\"value\":\"x\",\"subdomain\":true}",
                "{\"kind\":\"creator\",\"value\":\"x\",\"kind\":\"url\"}",
                "{\"kind\":\"sha256\",\"value\":\"1234\"}",
                "{\"kind\":\"pdq\",\"value\":\"zz\"}",
                "{\"kind\":\"domain\",\"value\":\"co.uk\"}",
                "{\"kind\":\"domain\",\"value\":\"a b\"}",
                "{\"kind\":\"url\",\"value\":\"mailto:x@example.com\"}",
                "{\"kind\":\"creator\",\"value\":\"x\",\"maxDistance\":3}",
                "{\"kind\":\"creator\",\"value\":\"\"}",
                "{\"kind\":\"creator\",\"value\":7}",
                "{\"kind\":\"creator\",\"value\":\"x\",\"asOf\":\"yesterday\"}",
                "{\"kind\":\"creator\",\"value\":\"x\"",
                "{\"kind\":\"creator\",\"value\":\"x\"} {}",
                "[]",
                "creator Jane",
            })
    void aBrokenLineStopsAndIsNamed(String broken) throws IOException {
        Path list = list("list.jsonl", "{\"kind\":\"creator\",\"value\":\"ok\"}\n" + broken + "\n{}\n");

        assertThatThrownBy(() -> read(list))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("list.jsonl line 2: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "creator",
                "creator,Jane,extra",
                "artist,Jane",
                "creator,",
                "creator,\"Jane",
                "creator,\"Jane\" Doe",
            })
    void aBrokenRowStopsAndIsNamed(String broken) throws IOException {
        Path list = list("list.csv", "kind,value\ncreator,ok\n" + broken + "\n");

        assertThatThrownBy(() -> read(list))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("list.csv line 3: ");
    }

    @Test
    void anUnclosedQuoteStopsBeforeItSwallowsTheList() throws IOException {
        Path list = list("list.csv", "kind,value\ncreator,\"Jane\n" + "creator,x\n".repeat(200_000));

        assertThatThrownBy(() -> read(list)).hasMessageContaining("line 2: ").hasMessageContaining("quote");
    }

    @Test
    void bytesThatAreNotUtf8AreABrokenLine() throws IOException {
        Path list = folder.resolve("list.jsonl");
        Files.write(list, new byte[] {'{', '}', '\n', (byte) 0xFF, '\n'});

        assertThatThrownBy(() -> read(list)).hasMessageContaining("line 1: ");
        Files.write(list, new byte[] {'\n', (byte) 0xFF, '\n'});
        assertThatThrownBy(() -> read(list)).hasMessageContaining("line 2: ").hasMessageContaining("UTF-8");
    }

    @Test
    void aListThatIsMissingEmptyOrUnknownIsRefused() throws IOException {
        assertThatThrownBy(() -> read(folder.resolve("none.jsonl")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("does not exist");
        assertThatThrownBy(() -> read(list("empty.jsonl", ""))).hasMessageContaining("is empty");
        assertThatThrownBy(() -> read(list("list.doc", "x"))).hasMessageContaining(".jsonl");
        assertThatThrownBy(() -> read(folder)).hasMessageContaining("is a folder");
        assertThatThrownBy(() -> read(list("list.jsonl.gz", "no gzip"))).hasMessageContaining("unpacked");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"urls\": [{\"url\": \"https://example.com/a\"}]}",
                "{\"urls\": {}}",
                "{}",
                "{\"urls\": [",
                "[]",
                "{\"urls\":[]} x"
            })
    void aHalfSavedSpawningReplyIsRefused(String text) throws IOException {
        Path reply = list("reply.json", text);

        assertThatThrownBy(() -> read(reply))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("line 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "GB18030", "UTF-8"})
    void aListInAnotherCharsetSaysTheSame(String charset) throws IOException {
        String rows = "{\"kind\":\"creator\",\"value\":\"Jos\u00e9 \ud83c\udf37 \u6c34\"}\n".repeat(3000);
        List<String> plain = read(list("plain.jsonl", rows));
        Path other = folder.resolve("other.jsonl");
        Files.write(other, ("\uFEFF" + rows).getBytes(Charset.forName(charset)));
        assertThat(read(other)).isEqualTo(plain).hasSizeGreaterThan(2999);
        String table = "kind,value\ncreator,Jos\u00e9\n";
        Path csv = folder.resolve("other.csv");
        Files.write(csv, ("\uFEFF" + table).getBytes(Charset.forName(charset)));
        assertThat(read(csv)).isEqualTo(read(list("plain.csv", table)));
    }
}
