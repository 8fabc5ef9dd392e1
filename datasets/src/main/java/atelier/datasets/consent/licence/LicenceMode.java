package atelier.datasets.consent.licence;

/** How much must be known about a picture's licence. */
public enum LicenceMode {
    /** A picture without a stated licence may be used; a stated one must be allowed. */
    OPEN,
    /** Every picture needs a stated licence that is allowed, or a recorded grant. */
    LICENSED
}
