package atelier.datasets.batch;

/** Where the mask comes from that says which parts of a picture are trained. */
public enum MaskSource {
    /** Pictures have none. */
    NONE,
    /** The picture's own opacity. */
    ALPHA,
    /** A picture of its own, white where the loss counts. */
    FILE
}
