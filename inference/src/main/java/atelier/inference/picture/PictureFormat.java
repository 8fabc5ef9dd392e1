package atelier.inference.picture;

/** The file formats that pictures are written in. */
public enum PictureFormat {
    /** Without loss. */
    PNG("png"),
    /** With loss, by the quality key. */
    JPEG("jpg"),
    /** Without loss at quality 100, else with loss. */
    WEBP("webp");

    private final String ending;

    PictureFormat(String ending) {
        this.ending = ending;
    }

    /** The file name's ending, without the dot. */
    public String ending() {
        return ending;
    }
}
