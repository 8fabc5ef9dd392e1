package atelier.common.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
     * A picture's reader, by its first bytes: PNG, JPEG, GIF, BMP and WebP; the caller disposes of it.
     *
     * @throws IOException when it is none of these
     */
    public static ImageReader of(byte[] file) throws IOException {
        String head = new String(file, 0, Math.min(file.length, 12), StandardCharsets.ISO_8859_1);
        if (head.startsWith("\u0089PNG")) {
            return RUNTIME.reader("png");
        } else if (head.startsWith("\u00FF\u00D8\u00FF")) {
            return RUNTIME.reader("jpeg");
        } else if (head.startsWith("GIF8")) {
            return RUNTIME.reader("gif");
        } else if (head.startsWith("BM")) {
            return RUNTIME.reader("bmp");
        } else if (head.startsWith("RIFF") && head.endsWith("WEBP")) {
            return LIBWEBP.reader("webp");
        }
        throw new IOException("no PNG, JPEG, WebP, GIF or BMP");
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
