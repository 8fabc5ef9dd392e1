package atelier.datasets.pairs;

/** How much a finding weighs. */
public enum Severity {
    /** An image, or a whole file, cannot be used. */
    ERROR,
    /** The image is used, though something about it is probably not meant. */
    WARNING,
    /** Worth knowing, nothing to mend. */
    NOTE
}
