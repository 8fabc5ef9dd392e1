package atelier.datasets.batch;

/** Which part of a picture is used when its proportions are not its bucket's. */
public enum Crop {
    /** The middle. */
    CENTRE,
    /** A part that differs from epoch to epoch. */
    RANDOM
}
