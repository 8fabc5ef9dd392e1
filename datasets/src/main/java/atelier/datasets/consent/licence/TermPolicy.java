package atelier.datasets.consent.licence;

/** What becomes of pictures whose licence has a restricting term. */
public enum TermPolicy {
    EXCLUDE,
    ALLOW
}
