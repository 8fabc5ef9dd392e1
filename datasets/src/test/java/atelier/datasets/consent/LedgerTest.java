package atelier.datasets.consent;

import static atelier.datasets.consent.Consents.lists;
import static atelier.datasets.consent.Consents.open;
import static atelier.datasets.consent.Consents.pair;
import static atelier.datasets.consent.Consents.png;
import static org.assertj.core.api.Assertions.assertThat;

import atelier.common.file.Sha256;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    @TempDir
    Path folder;

    @Test
    void theLedgersFilesAreWholeAndItsDigestIsThatOfTheTable() throws IOException {
        Pair good = pair(png(folder, 1), "x", "Jane | \"Doe\"", "CC0-1.0", "https://example.com/1.png", Map.of());
        Ledger ledger = Consents.filter(lists(), open(), good, Consents.under(png(folder, 2), "NONE"));
        Path run = folder.resolve("run");

        ledger.write(run);
        ledger.write(run);

        assertThat(Sha256.of(run.resolve("ledger.csv"))).isEqualTo(ledger.digest());
        assertThat(Files.readAllLines(run.resolve("ledger.csv")))
                .hasSize(3)
                .first()
                .isEqualTo("image,sha256,verdict,rule,reason,list,line,list_sha256,creator,licence,source");
        assertThat(Files.readString(run.resolve("ledger.json")))
                .contains("\"ledger_csv_sha256\" : \"" + ledger.digest() + "\"", "\"excluded\" : 1");
        assertThat(Files.readString(run.resolve("credits.md")))
                .contains("| picture-1.png | Jane \\| \"Doe\" | CC0-1.0 | https://example.com/1.png |")
                .doesNotContain("picture-2");
        try (var files = Files.list(run)) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void picturesThatFailLaterLeaveTheIncludedOnes() throws IOException {
        Pair one = pair(png(folder, 1));
        Pair two = pair(png(folder, 2));
        Ledger ledger = Consents.filter(lists(), open(), one, two);

        Ledger later = ledger.withFailures(Map.of(two.image(), "cannot be decoded"));

        assertThat(later.included()).containsExactly(one);
        assertThat(later.verdicts().get(1).outcome()).isEqualTo(Outcome.FAILED);
        assertThat(later.digest()).isNotEqualTo(ledger.digest());
        assertThat(later.summary()).isEqualTo("2 pictures: 1 included, 0 excluded, 1 failed");
    }
}
