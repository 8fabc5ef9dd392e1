package atelier.datasets.batch;

/** What an image that cannot be decoded does to a run. */
public enum OnError {
    /** It is reported, its verdict is "failed", and the run goes on without it. */
    SKIP,
    /** It ends the run. */
    FAIL
}
