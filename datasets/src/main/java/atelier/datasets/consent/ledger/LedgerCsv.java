package atelier.datasets.consent.ledger;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** The rows of ledger.csv. They depend on nothing but the verdicts, so their digest can be checked anywhere. */
final class LedgerCsv {
    private static final CSVFormat FORMAT =
            CSVFormat.DEFAULT.builder().setRecordSeparator('\n').get();
    private static final String[] COLUMNS = {
        "image", "sha256", "verdict", "rule", "reason", "list", "line", "list_sha256", "creator", "licence", "source"
    };

    private LedgerCsv() {}

    /** @param header whether the names of the columns come first */
    static void write(List<Verdict> verdicts, boolean header, OutputStream to) throws IOException {
        TextRows rows = new TextRows(to);
        CSVPrinter printer = new CSVPrinter(rows, FORMAT);
        if (header) {
            printer.printRecord((Object[]) COLUMNS);
        }
        for (Verdict v : verdicts) {
            printer.print(path(v.image()));
            printer.print(v.sha256());
            printer.print(v.outcome().label());
            printer.print(v.rule().label());
            printer.print(v.reason());
            printer.print(v.list());
            printer.print(v.line() == 0 ? "" : Long.toString(v.line()));
            printer.print(v.listSha256());
            printer.print(v.creator());
            printer.print(v.licence());
            printer.print(v.source());
            printer.println();
            rows.end();
        }
        rows.end();
    }

    static String path(Path path) {
        return path.toString().replace('\\', '/');
    }
}
