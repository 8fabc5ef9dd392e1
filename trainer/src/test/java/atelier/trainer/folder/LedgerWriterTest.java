package atelier.trainer.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.file.Sha256;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.ledger.Verdict;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
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
            requireWhole(folder, 50_000);
            requireWhole(folder.resolve("validation"), 10);
        }
    }

    /** All three files, with the verdict of every picture. */
    private static void requireWhole(Path folder, int pictures) throws IOException {
        String digest = ledger(pictures).digest();
        assertThat(Sha256.of(folder.resolve("ledger.csv"))).isEqualTo(digest);
        JsonNode json =
                new ObjectMapper().readTree(folder.resolve("ledger.json").toFile());
        assertThat(json.toString()).contains(digest);
        assertThat(Files.readAllLines(folder.resolve("credits.md")).stream()
                        .filter(line -> line.startsWith("| a.png |")))
                .hasSize(pictures);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.endsWith(".part"));
        }
    }

    @Test
    void ledgersAreWholeWhenTheRunBreaksOff() throws IOException {
        assertThatThrownBy(() -> {
                    try (LedgerWriter ledgers = new LedgerWriter()) {
                        ledgers.write(ledger(50_000), folder);
                        throw new IllegalArgumentException("no picture may be trained on");
                    }
                })
                .isInstanceOf(IllegalArgumentException.class);
        requireWhole(folder, 50_000);
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
