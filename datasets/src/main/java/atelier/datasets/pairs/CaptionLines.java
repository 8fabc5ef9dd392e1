package atelier.datasets.pairs;

/** What the lines of a caption file are. */
public enum CaptionLines {
    /** Each line is a caption: the first is the main one, the others are alternatives. */
    ALTERNATIVES,
    /** All lines together are one caption. */
    JOIN
}
