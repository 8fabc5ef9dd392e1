package atelier.trainer.folder;

import atelier.common.work.BackgroundTask;
import atelier.common.work.StopSignal;
import atelier.datasets.consent.ledger.Ledger;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes ledgers while the run gets ready. A million verdicts take seconds, and nothing before the first saved state
 * depends on them; whatever does waits, and however the run ends, it ends after the ledgers are whole.
 */
public final class LedgerWriter implements Closeable {
    private final List<BackgroundTask<Ledger>> writing = new ArrayList<>();

    /** Begins to write a ledger into a folder. */
    public void write(Ledger ledger, Path folder) {
        writing.add(BackgroundTask.start("ledger", () -> {
            // A ledger is whole, however the run ends.
            try (StopSignal.HeldOff whole = StopSignal.holdOff()) {
                ledger.write(folder);
            }
            return ledger;
        }));
    }

    /** Waits until all ledgers lie in their folders. */
    public void await() throws IOException {
        for (BackgroundTask<Ledger> each : writing) {
            each.result();
        }
    }

    @Override
    public void close() throws IOException {
        for (BackgroundTask<Ledger> each : writing) {
            each.close();
        }
    }
}
