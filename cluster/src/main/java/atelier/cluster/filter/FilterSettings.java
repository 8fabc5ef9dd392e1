package atelier.cluster.filter;

import static atelier.common.error.Checks.check;

/**
 * The keys {@code filter.*}.
 *
 * @param blockRows rows that are judged together: a task, and a part of the ledger
 * @param bloom whether a Bloom filter is asked before lists are searched
 */
public record FilterSettings(int blockRows, BloomUse bloom) {
    private static final int MOST = 10_000_000;

    public FilterSettings {
        check(blockRows > 0 && blockRows <= MOST, "filter.block_rows must be from 1 to 10000000, got %s", blockRows);
    }
}
