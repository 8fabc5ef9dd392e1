package atelier.datasets.consent;

/** What becomes of pictures whose licence has a restricting term. */
public enum TermPolicy {
    EXCLUDE,
    ALLOW
}
