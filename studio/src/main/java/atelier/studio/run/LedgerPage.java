package atelier.studio.run;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Some of a ledger's rows.
 *
 * @param total rows that were asked for, on all pages
 * @param from the first one's number, from 0
 * @param counts all rows by verdict
 */
public record LedgerPage(long total, int from, Map<String, Long> counts, List<LedgerRow> rows) {
    private static final int MOST = 1000;

    /**
     * Which rows.
     *
     * @param verdict included, excluded or failed; null for all
     * @param count at most 1000
     */
    public record Query(@Nullable String verdict, int from, int count) {
        public Query {
            from = Math.max(0, from);
            count = Math.max(1, Math.min(MOST, count));
        }
    }
}
