package atelier.datasets.decode.tiff;

import atelier.datasets.decode.header.BadImageException;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the first picture of a TIFF: grey, colour, palette, CMYK and YCbCr of 1 to 16 bits a sample, in strips or tiles,
 * samples side by side or in planes, with opacity or without; stored plainly or packed with PackBits, LZW, Deflate or JPEG.
 * Everything else is refused by name, see {@link TiffForm}.
 *
 * <p>Source: Adobe, "TIFF Revision 6.0"; its Technical Notes 2 (JPEG) and on Deflate.
 */
public final class TiffReader {
    private static final int MAX_SIDE = 1 << 20;

    private final byte[] file;
    private final TiffDirectory tags;
    private final TiffForm form;
    private final int segmentWidth;
    private final int segmentHeight;
    private final int[] subsampling;
    private final byte[] samples;

    private TiffReader(byte[] file, TiffDirectory tags, TiffForm form) throws BadImageException {
        this.file = file;
        this.tags = tags;
        this.form = form;
        boolean tiled = tags.has(TiffDirectory.TILE_WIDTH);
        segmentWidth = tiled ? side(tags.number(TiffDirectory.TILE_WIDTH, 0)) : form.width();
        segmentHeight = tiled
                ? side(tags.number(TiffDirectory.TILE_HEIGHT, 0))
                : side(Math.max(1, Math.min(form.height(), tags.number(TiffDirectory.ROWS_PER_STRIP, MAX_SIDE))));
        subsampling = subsampling(tags, form);
        samples = new byte[Math.multiplyExact(Math.multiplyExact(form.width(), form.height()), form.samples())];
    }

    /** Whether a TIFF is compressed as faxes are, which this class leaves to others once its form is known to be sound. */
    public static boolean isFax(byte[] file) throws BadImageException {
        int compression = TiffForm.of(new TiffDirectory(file)).compression();
        return compression >= 2 && compression <= 4;
    }

    /** @throws BadImageException when the file is damaged, or of a form that is not read */
    public static TiffPicture read(byte[] file) throws IOException {
        try {
            TiffDirectory tags = new TiffDirectory(file);
            TiffReader reader = new TiffReader(file, tags, TiffForm.of(tags));
            reader.segments();
            return new TiffColours(reader.form, tags).picture(reader.samples);
        } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new BadImageException("has damaged TIFF data", e);
        }
    }

    private static int side(long value) throws BadImageException {
        if (value < 1 || value > MAX_SIDE) {
            throw new BadImageException("is a TIFF of parts of an impossible size");
        }
        return (int) value;
    }

    private static int[] subsampling(TiffDirectory tags, TiffForm form) throws BadImageException {
        if (form.colour() != TiffForm.Colour.YCBCR || form.compression() == TiffForm.JPEG) {
            return new int[] {1, 1};
        }
        long[] given = tags.numbers(TiffDirectory.YCBCR_SUBSAMPLING);
        long[] steps = given == null || given.length < 2 ? new long[] {2, 2} : given;
        for (int i = 0; i < 2; i++) {
            if (steps[i] != 1 && steps[i] != 2 && steps[i] != 4) {
                throw TiffForm.refused("whose colours are thinned out in an unknown way");
            }
        }
        boolean thinned = steps[0] * steps[1] > 1;
        if (thinned && (form.isPredicted() || form.samples() != 3)) {
            throw TiffForm.refused("of thinned out colours with a predictor or extra samples");
        }
        return new int[] {(int) steps[0], (int) steps[1]};
    }

    /** Strips, or tiles row by row; of planes one after another. */
    private void segments() throws IOException {
        boolean tiled = tags.has(TiffDirectory.TILE_WIDTH);
        long[] offsets = tags.numbers(tiled ? TiffDirectory.TILE_OFFSETS : TiffDirectory.STRIP_OFFSETS);
        long[] sizes = tags.numbers(tiled ? TiffDirectory.TILE_BYTES : TiffDirectory.STRIP_BYTES);
        if (offsets == null) {
            throw new BadImageException("is a TIFF without picture data");
        }
        int planes = form.planar() ? form.samples() : 1;
        int segment = 0;
        for (int plane = 0; plane < planes; plane++) {
            for (int top = 0; top < form.height(); top += segmentHeight) {
                for (int left = 0; left < form.width(); left += segmentWidth) {
                    if (segment >= offsets.length) {
                        throw new BadImageException("ends within its picture data");
                    }
                    byte[] packed = packed(offsets[segment], sizes, segment);
                    place(unpacked(packed, plane, top), plane, left, top);
                    segment++;
                }
            }
        }
    }

    private byte[] packed(long offset, long @Nullable [] sizes, int segment) throws BadImageException {
        if (offset < 0 || offset >= file.length) {
            throw new BadImageException("ends within its picture data");
        }
        long given = sizes == null || segment >= sizes.length ? 0 : sizes[segment];
        long size = given <= 0 ? file.length - offset : given;
        int end = (int) Math.min(file.length, offset + size);
        byte[] packed = Arrays.copyOfRange(file, (int) offset, end);
        if (tags.number(TiffDirectory.FILL_ORDER, 1) == 2 && form.compression() != TiffForm.JPEG) {
            TiffBytes.reverseBits(packed);
        }
        return packed;
    }

    /** A segment's rows of 8-bit samples, of the segment's full width; the last strip has fewer rows. */
    private byte[] unpacked(byte[] packed, int plane, int top) throws IOException {
        boolean tiled = tags.has(TiffDirectory.TILE_WIDTH);
        int rows = tiled ? segmentHeight : Math.min(segmentHeight, form.height() - top);
        int perPixel = form.planar() ? 1 : form.samples();
        if (form.compression() == TiffForm.JPEG) {
            return TiffJpeg.samples(packed, tags.bytes(TiffDirectory.JPEG_TABLES), segmentWidth, rows, perPixel);
        }
        if (subsampling[0] * subsampling[1] > 1) {
            return spread(packed, rows);
        }
        int rowBytes = (int) ((Math.multiplyFull(segmentWidth, perPixel) * form.bits() + 7) / 8);
        byte[] bytes = TiffBytes.unpack(packed, form.compression(), Math.multiplyExact(rowBytes, rows));
        if (form.isPredicted()) {
            TiffPredictor.undo(bytes, rowBytes, perPixel, form.bits(), tags.isLittleEndian());
        }
        return form.bits() == 8 ? bytes : narrowed(bytes, rowBytes, rows, plane);
    }

    /** Samples of other sizes to 8 bits each; a palette's indices stay as they are. */
    private byte[] narrowed(byte[] bytes, int rowBytes, int rows, int plane) {
        int bits = form.bits();
        int most = (1 << bits) - 1;
        int perPixel = form.planar() ? 1 : form.samples();
        int perRow = segmentWidth * perPixel;
        boolean palette = form.colour() == TiffForm.Colour.PALETTE && plane == 0;
        int high = tags.isLittleEndian() ? 1 : 0;
        byte[] out = new byte[Math.multiplyExact(perRow, rows)];
        for (int row = 0, o = 0; row < rows; row++) {
            for (int i = 0; i < perRow; i++) {
                int value;
                if (bits == 16) {
                    int at = row * rowBytes + 2 * i;
                    value = (bytes[at + high] & 255) << 8 | bytes[at + 1 - high] & 255;
                } else {
                    value = bits(bytes, 8L * row * rowBytes + (long) i * bits, bits);
                }
                out[o++] = (byte) (palette && i % perPixel == 0 ? value : (2 * 255 * value + most) / (2 * most));
            }
        }
        return out;
    }

    /** A number of any bits, the highest first, whatever the file's byte order. */
    private static int bits(byte[] bytes, long from, int count) {
        int value = 0;
        for (long bit = from; bit < from + count; bit++) {
            value = value << 1 | bytes[(int) (bit >> 3)] >> 7 - (bit & 7) & 1;
        }
        return value;
    }

    /** Units of several brightnesses and the two colours that they share, as a pixel each. */
    private byte[] spread(byte[] packed, int rows) throws BadImageException {
        int h = subsampling[0];
        int v = subsampling[1];
        int unit = h * v + 2;
        int across = (segmentWidth + h - 1) / h;
        int down = (rows + v - 1) / v;
        byte[] units = TiffBytes.unpack(
                packed, form.compression(), Math.multiplyExact(Math.multiplyExact(across, down), unit));
        byte[] out = new byte[3 * segmentWidth * rows];
        for (int y = 0, o = 0; y < rows; y++) {
            for (int x = 0; x < segmentWidth; x++) {
                int at = (y / v * across + x / h) * unit;
                out[o++] = units[at + y % v * h + x % h];
                out[o++] = units[at + h * v];
                out[o++] = units[at + h * v + 1];
            }
        }
        return out;
    }

    private void place(byte[] rows, int plane, int left, int top) {
        int perPixel = form.planar() ? 1 : form.samples();
        int columns = Math.min(segmentWidth, form.width() - left);
        for (int y = 0; y < segmentHeight && top + y < form.height(); y++) {
            int from = y * segmentWidth * perPixel;
            int to = ((top + y) * form.width() + left) * form.samples() + plane;
            if (!form.planar()) {
                System.arraycopy(rows, from, samples, to, columns * perPixel);
                continue;
            }
            for (int x = 0; x < columns; x++) {
                samples[to + x * form.samples()] = rows[from + x];
            }
        }
    }
}
