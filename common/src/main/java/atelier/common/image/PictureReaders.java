package atelier.common.image;

import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;

/**
 * ImageIO's readers by name. Where several plugins read a format, the order in which ImageIO offers them differs from start
 * to start, and they do not read the same files.
 */
public enum PictureReaders {
    /** The Java runtime's own: JPEG, PNG, GIF, BMP. */
    RUNTIME("com.sun.imageio.plugins."),
    /** libwebp. */
    LIBWEBP("com.luciad.imageio.webp."),
    /** TwelveMonkeys', written in Java: TIFF's fax compressions, and WebP where libwebp is not there. */
    TWELVE_MONKEYS("com.twelvemonkeys.imageio.plugins.");

    private final String family;

    PictureReaders(String family) {
        this.family = family;
    }

    /**
     * Its reader of a format; the caller disposes of it.
     *
     * @throws IOException when this program was put together without it
     */
    public ImageReader reader(String format) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (reader.getClass().getName().startsWith(family)) {
                return reader;
            }
        }
        throw new IOException("the reader of " + format.toUpperCase(Locale.ROOT) + " is missing from the class path");
    }
}
