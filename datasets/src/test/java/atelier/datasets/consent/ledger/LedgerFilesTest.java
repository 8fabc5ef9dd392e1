package atelier.datasets.consent.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.file.Sha256;
import atelier.datasets.consent.list.ListDigest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerFilesTest {
    private static final List<String> TEXTS = List.of(
            "Jane Doe", "Łucja, \"Quoted\"", "two\nlines\t and  blanks", "a|b *c* [d] <e> `f` \\g", "", "宮崎 🐵");

    @TempDir
    Path folder;

    private static Ledger ledger(int pictures) {
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < pictures; i++) {
            String text = TEXTS.get(i % TEXTS.size());
            Outcome outcome = Outcome.values()[i % 4 % Outcome.values().length];
            verdicts.add(new Verdict(
                    Path.of("images", i + ".png"),
                    "digest" + i,
                    outcome,
                    Rule.LICENCE,
                    "because of " + text,
                    "pairs.csv",
                    i,
                    "",
                    text,
                    "CC0-1.0",
                    text));
        }
        return new Ledger(verdicts, List.of(), List.of(new ListDigest("list.jsonl", "abc", 3)));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theTableHoldsEveryVerdictAndItsDigestIsTheLedgers() throws IOException {
        Ledger ledger = ledger(1000);
        String before = ledger(1000).digest();
        ledger.write(folder);
        assertThat(ledger.digest()).isEqualTo(before).isEqualTo(Sha256.of(folder.resolve("ledger.csv")));
        List<CSVRecord> rows = CSVParser.parse(Files.readString(folder.resolve("ledger.csv")), CSVFormat.DEFAULT)
                .getRecords();
        assertThat(rows).hasSize(1001);
        for (int i = 0; i < 1000; i++) {
            Verdict verdict = ledger.verdicts().get(i);
            assertThat(rows.get(i + 1).toList())
                    .containsExactly(
                            "images/" + i + ".png",
                            "digest" + i,
                            verdict.outcome().label(),
                            "licence",
                            verdict.reason(),
                            "pairs.csv",
                            i == 0 ? "" : Integer.toString(i),
                            "",
                            verdict.creator(),
                            "CC0-1.0",
                            verdict.source());
        }
    }

    @Test
    void theJsonIsLaidOutAsJacksonDoesAndNamesTheTablesDigest() throws IOException {
        Ledger ledger = ledger(50);
        ledger.write(folder);
        ObjectMapper mapper = new ObjectMapper();
        JsonNode root = mapper.readTree(folder.resolve("ledger.json").toFile());
        byte[] again = mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
        assertThat(Files.readAllBytes(folder.resolve("ledger.json"))).isEqualTo(again);
        assertThat(root.get("ledger_csv_sha256").asText()).isEqualTo(ledger.digest());
        assertThat(root.get("images")).hasSize(50);
        assertThat(root.at("/images/5/creator").asText()).isEqualTo("宮崎 🐵");
        assertThat(root.at("/lists/0/entries").asLong()).isEqualTo(3);
    }

    @Test
    void nothingInTheCreditsIsTakenForMarkup() throws IOException {
        ledger(24).write(folder);
        String credits = Files.readString(folder.resolve("credits.md"));
        for (String text : TEXTS) {
            String cell = text.isEmpty()
                    ? "not stated"
                    : text.replaceAll("\\s+", " ").replaceAll("([\\\\`*_{}\\[\\]<>|~])", "\\\\$1");
            assertThat(credits).contains("| " + cell + " | CC0-1.0 | " + cell + " |\n");
        }
    }

    @Test
    void anEarlierLedgerStaysWholeWhereTheNewOneCannotBeWritten() throws IOException {
        ledger(3).write(folder);
        String before = Files.readString(folder.resolve("ledger.csv"));
        // The table and the JSON can be written, the credits cannot.
        Verdict unwritable =
                new Verdict(Path.of("a.png"), "", Outcome.INCLUDED, Rule.OPEN, "", "", 0, "", "", "", null);
        Ledger ledger = new Ledger(List.of(unwritable), List.of(), List.of());
        assertThatThrownBy(() -> ledger.write(folder)).isInstanceOf(NullPointerException.class);
        assertThat(Files.readString(folder.resolve("ledger.csv"))).isEqualTo(before);
        assertThat(names()).containsExactly("credits.md", "ledger.csv", "ledger.json");
    }
}
