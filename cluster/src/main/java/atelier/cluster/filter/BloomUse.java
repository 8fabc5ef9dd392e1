package atelier.cluster.filter;

/** Whether a Bloom filter is asked before opt-out lists are searched. */
public enum BloomUse {
    /** For lists of many keys. */
    AUTO(10_000_000),
    ALWAYS(0),
    NEVER(Long.MAX_VALUE);

    private final long least;

    BloomUse(long least) {
        this.least = least;
    }

    /** How many keys a list must have. */
    long least() {
        return least;
    }
}
