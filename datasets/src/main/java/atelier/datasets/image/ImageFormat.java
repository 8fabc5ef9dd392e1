package atelier.datasets.image;

/** The file formats that are read. */
public enum ImageFormat {
    PNG,
    JPEG,
    WEBP,
    TIFF,
    BMP,
    GIF
}
