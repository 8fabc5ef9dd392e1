package atelier.inference.request;

/** What a picture's file tells of how it was made. */
public enum PictureMetadata {
    /** Prompt and settings, names and digests of files, and that a model made it. */
    FULL,
    /** Nothing: neither text nor Exif nor XMP. */
    NONE;

    /** @param metadata what pictures carry */
    public record Settings(PictureMetadata metadata) {}
}
