package atelier.datasets.decode.header;

import atelier.common.error.MalformedException;
import atelier.datasets.pairs.ImageBytes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What an image file says of itself before anything is decoded.
 *
 * @param format by the file's first bytes, never by its name
 * @param width as stored, in pixels
 * @param height as stored, in pixels
 * @param orientation EXIF's 1 to 8: how the stored picture must be turned and mirrored to be seen upright
 * @param icc the embedded ICC profile, or null
 * @param jpeg how a JPEG is coded, null for other formats
 */
@SuppressWarnings("ArrayRecordComponent") // a profile is passed on, never compared
public record ImageHeader(
        ImageFormat format,
        int width,
        int height,
        int orientation,
        byte @Nullable [] icc,
        @Nullable JpegFrame jpeg) {

    /** Largest side that any of the formats is read with. */
    static final int MAX_SIDE = 1 << 20;

    public ImageHeader {
        if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
            throw new MalformedException("a size of " + width + " x " + height + " is no picture's");
        }
        if (orientation < 1 || orientation > 8) {
            orientation = 1; // what viewers do with a value that EXIF does not know
        }
    }

    static ImageHeader simple(ImageFormat format, int width, int height) {
        return new ImageHeader(format, width, height, 1, null, null);
    }

    /**
     * Reads a header.
     *
     * @throws BadImageException when the file is of none of the formats, or its header is broken
     */
    public static ImageHeader read(ImageBytes content) throws IOException {
        try (ByteView view = ByteView.open(content)) {
            return read(view);
        }
    }

    public static ImageHeader read(ByteView in) throws IOException {
        try {
            return parse(in);
        } catch (MalformedException | IllegalArgumentException e) {
            throw new BadImageException(String.valueOf(e.getMessage()), e);
        }
    }

    private static ImageHeader parse(ByteView in) throws IOException {
        if (in.length() == 0) {
            throw new BadImageException("is empty");
        }
        if (in.startsWith(0, 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n')) {
            return PngHeader.read(in);
        }
        if (in.startsWith(0, 0xFF, 0xD8, 0xFF)) {
            return JpegHeader.read(in);
        }
        if (in.startsWith(0, 'R', 'I', 'F', 'F') && in.startsWith(8, 'W', 'E', 'B', 'P')) {
            return WebpHeader.read(in);
        }
        if (in.startsWith(0, 'I', 'I', 42, 0)
                || in.startsWith(0, 'M', 'M', 0, 42)
                || in.startsWith(0, 'I', 'I', 43, 0)
                || in.startsWith(0, 'M', 'M', 0, 43)) {
            return TiffHeader.read(in);
        }
        if (in.startsWith(0, 'G', 'I', 'F', '8')) {
            return simple(ImageFormat.GIF, in.u16le(6), in.u16le(8));
        }
        if (in.startsWith(0, 'B', 'M')) {
            boolean old = in.u32le(14) == 12;
            return old
                    ? simple(ImageFormat.BMP, in.u16le(18), in.u16le(20))
                    : simple(ImageFormat.BMP, (int) in.u32le(18), Math.abs((int) in.u32le(22)));
        }
        throw new BadImageException("is no PNG, JPEG, WebP, TIFF, BMP or GIF");
    }

    /** Whether width and height change places when the picture is set upright. */
    public boolean turned() {
        return orientation > 4;
    }

    /** The width of the upright picture. */
    public int uprightWidth() {
        return turned() ? height : width;
    }

    /** The height of the upright picture. */
    public int uprightHeight() {
        return turned() ? width : height;
    }

    public long pixels() {
        return (long) width * height;
    }
}
