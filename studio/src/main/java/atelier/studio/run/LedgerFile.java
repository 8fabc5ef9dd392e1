package atelier.studio.run;

import atelier.common.file.TableRows;
import atelier.common.file.TextFile;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads ledger.csv, a page at a time. */
final class LedgerFile {
    private LedgerFile() {}

    static LedgerPage page(Path file, LedgerPage.Query query) throws IOException {
        Map<String, Long> counts = new LinkedHashMap<>();
        List<String> verdicts = List.of("included", "excluded", "failed");
        verdicts.forEach(verdict -> counts.put(verdict, 0L));
        List<LedgerRow> rows = new ArrayList<>();
        long matching = 0;
        if (Files.isRegularFile(file)) {
            try (Reader text = TextFile.reader(file)) {
                TableRows table = new TableRows(text);
                TableRows.Row header = table.next();
                TableRows.Row row = header == null ? null : table.next();
                while (header != null && row != null) {
                    Columns columns = new Columns(header.values(), row.values());
                    String verdict = columns.of("verdict");
                    counts.merge(verdict, 1L, Long::sum);
                    if (query.verdict() == null || query.verdict().equals(verdict)) {
                        if (matching >= query.from() && rows.size() < query.count()) {
                            rows.add(columns.row());
                        }
                        matching++;
                    }
                    row = table.next();
                }
            }
        }
        return new LedgerPage(matching, query.from(), counts, rows);
    }

    private record Columns(List<String> names, List<String> values) {
        String of(String name) {
            int at = names.indexOf(name);
            return at >= 0 && at < values.size() ? values.get(at) : "";
        }

        LedgerRow row() {
            return new LedgerRow(
                    of("image"),
                    of("verdict"),
                    of("rule"),
                    of("reason"),
                    of("list"),
                    of("line"),
                    of("creator"),
                    of("licence"),
                    of("source"));
        }
    }
}
