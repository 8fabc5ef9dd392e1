package atelier.datasets.consent.ledger;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * A stretch of a ledger that is too large for one file: rows of ledger.csv without the line that names the columns. That
 * line and all parts in their order are, byte for byte, the ledger.csv of one machine.
 */
public final class LedgerPart {
    private LedgerPart() {}

    /** Writes the line that names the columns. */
    public static void header(OutputStream out) throws IOException {
        LedgerCsv.write(List.of(), true, out);
    }

    /** Writes the rows of verdicts. */
    public static void rows(List<Verdict> verdicts, OutputStream out) throws IOException {
        LedgerCsv.write(verdicts, false, out);
    }
}
