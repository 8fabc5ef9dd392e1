package atelier.datasets.batch;

/** Which of an image's captions is used. */
public enum Alternatives {
    /** Always the main one. */
    FIRST,
    /** Any of them, drawn anew each epoch. */
    RANDOM
}
