package atelier.datasets.consent.list;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.common.error.RefusedException;
import atelier.datasets.fuzz.Corpus;
import atelier.datasets.pairs.Cases;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A list of any bytes is read whole, every line of it, or refused with the line's number. */
class OptOutManifestFuzzTest {
    private static final Pattern PLACE = Pattern.compile(" line (\\d+): ");

    @TempDir
    static Path folder;

    /** What a list says, or null where it is refused. */
    private static Collected read(String name, byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve(name), bytes);
        Collected collected = new Collected();
        try {
            ListDigest digest = new OptOutManifest(file).read(collected);
            assertThat(digest.sha256()).isEqualTo(atelier.common.file.Sha256.of(bytes));
            return collected;
        } catch (RefusedException e) {
            Matcher place = PLACE.matcher(String.valueOf(e.getMessage()));
            if (place.find()) {
                assertThat(Long.parseLong(place.group(1)))
                        .isBetween(1L, rows(bytes).size() + 1L);
            } else {
                assertThat(bytes).as(e.getMessage()).isEmpty();
                assertThat(e).hasMessageContaining("is empty");
            }
            return null;
        }
    }

    /** Lines as most readers count them. */
    private static List<String> lines(byte[] bytes) {
        return List.of(new String(bytes, StandardCharsets.UTF_8).split("\n", -1));
    }

    /** Rows of a table may also end in a carriage return alone. */
    private static List<String> rows(byte[] bytes) {
        return List.of(new String(bytes, StandardCharsets.UTF_8).split("\r\n|\r|\n", -1));
    }

    /** The numbers of the lines that are not blank. */
    private static Set<Long> written(List<String> lines) {
        return LongStream.rangeClosed(1, lines.size())
                .filter(number ->
                        !lines.get((int) number - 1).replace("\uFEFF", "").isBlank())
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<Long> read(Collected collected) {
        return collected.said.stream()
                .map(said -> Long.valueOf(said.substring(0, said.indexOf(' '))))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @FuzzTest(maxDuration = "2m")
    void jsonLines(byte[] bytes) throws IOException {
        Collected collected = read("list.jsonl", bytes);
        if (collected != null) {
            assertThat(read(collected)).isEqualTo(written(lines(bytes)));
        }
    }

    @FuzzTest(maxDuration = "2m")
    void table(byte[] bytes) throws IOException {
        Collected collected = read("list.csv", bytes);
        if (collected != null) {
            Set<Long> rows = written(rows(bytes));
            rows.stream().findFirst().ifPresent(rows::remove);
            assertThat(read(collected)).isEqualTo(rows);
        }
    }

    @FuzzTest(maxDuration = "2m")
    void spawningReply(byte[] bytes) throws IOException {
        Collected collected = read("list.json", bytes);
        if (collected != null) {
            long expected = 0;
            for (JsonNode element : new ObjectMapper().readTree(bytes).path("urls")) {
                expected += element.path("optOut").asBoolean() ? 1 : 0;
            }
            assertThat(collected.said).hasSize((int) expected).allMatch(said -> said.contains(" url "));
        }
    }

    @Test
    void damagedLists() throws IOException {
        Corpus.damage(OptOutManifestFuzzTest.class, "jsonLines", 800, this::jsonLines);
        Corpus.damage(OptOutManifestFuzzTest.class, "table", 800, this::table);
        Corpus.damage(OptOutManifestFuzzTest.class, "spawningReply", 800, this::spawningReply);
    }

    @Test
    void anyBytes() {
        Cases.check(1, 300, random -> Cases.bytes(random, 60), bytes -> {
            jsonLines(bytes);
            table(bytes);
            spawningReply(bytes);
        });
    }
}
