package atelier.datasets.decode.header;

/** The file formats that are read. */
public enum ImageFormat {
    PNG,
    JPEG,
    WEBP,
    TIFF,
    BMP,
    GIF
}
