package atelier.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.datasets.consent.Ledger;
import atelier.datasets.consent.Outcome;
import atelier.datasets.consent.Rule;
import atelier.datasets.consent.Verdict;
import atelier.datasets.hash.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerWriterTest {
    @TempDir
    Path folder;

    private static Ledger ledger(int pictures) {
        Verdict verdict = new Verdict(
                Path.of("a.png"), "", Outcome.INCLUDED, Rule.OPEN, "nothing objects", "", 0, "", "", "", "");
        return new Ledger(Collections.nCopies(pictures, verdict), List.of(), List.of());
    }

    @Test
    void ledgersAreWholeOnceTheyAreWaitedFor() throws IOException {
        try (LedgerWriter ledgers = new LedgerWriter()) {
            ledgers.write(ledger(50_000), folder);
            ledgers.write(ledger(10), folder.resolve("validation"));
            ledgers.await();
            assertThat(Sha256.of(folder.resolve("ledger.csv")))
                    .isEqualTo(ledger(50_000).digest());
            assertThat(folder.resolve("validation/credits.md")).exists();
        }
    }

    @Test
    void ledgersAreWholeWhenTheRunBreaksOff() {
        assertThatThrownBy(() -> {
                    try (LedgerWriter ledgers = new LedgerWriter()) {
                        ledgers.write(ledger(50_000), folder);
                        throw new IllegalArgumentException("no picture may be trained on");
                    }
                })
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(folder.resolve("ledger.csv")).exists();
        assertThat(folder.resolve("ledger.json")).exists();
        assertThat(folder.resolve("credits.md")).exists();
    }

    @Test
    void aLedgerThatCannotBeWrittenEndsTheRun() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> {
                    try (LedgerWriter ledgers = new LedgerWriter()) {
                        ledgers.write(ledger(1), file);
                        ledgers.await();
                    }
                })
                .isInstanceOf(IOException.class);
    }
}
