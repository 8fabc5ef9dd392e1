package atelier.datasets.decode;

import atelier.datasets.decode.header.BadImageException;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Decodes PNG: every colour type and depth, transparency, interlacing. Large pictures of 8 bits go to {@link NativeCodec}
 * where it is there; ImageIO's reader takes about twice the time of this one.
 *
 * <p>Source: W3C, "Portable Network Graphics (PNG) Specification (Second Edition)".
 */
final class PngReader {
    private static final int GREY = 0;
    private static final int COLOUR = 2;
    private static final int PALETTE = 3;
    private static final int GREY_ALPHA = 4;
    private static final int COLOUR_ALPHA = 6;
    /** First column, first row, column step, row step of Adam7's passes. */
    private static final int[][] ADAM7 = {
        {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
    };

    private final byte[] file;
    private int width;
    private int height;
    private int depth;
    private int type;
    private boolean interlaced;
    private byte[] palette = {};
    private byte[] transparency = {};

    private final Inflater inflater = new Inflater();
    private int at = 8;
    private int dataLeft;

    private PngReader(byte[] file) {
        this.file = file;
    }

    static DecodedSamples read(byte[] file) throws BadImageException {
        PngReader reader = new PngReader(file);
        try {
            reader.readToData();
            DecodedSamples quick = reader.quick();
            return quick == null ? reader.picture() : quick;
        } catch (DataFormatException e) {
            throw new BadImageException("has damaged PNG data", e);
        } finally {
            reader.inflater.end();
        }
    }

    /** All chunks before the first with picture data. */
    private void readToData() throws BadImageException {
        while (true) {
            if (at + 12 > file.length) {
                throw new BadImageException("ends before its picture data");
            }
            int size = int32(at);
            int name = int32(at + 4);
            int body = at + 8;
            if (size < 0 || size > file.length - 12 - at) {
                throw new BadImageException("ends within a chunk");
            }
            if (name == 0x49444154) { // IDAT
                openData();
                return;
            }
            switch (name) {
                case 0x49484452 -> header(checked(size), body); // IHDR
                case 0x504C5445 -> palette = Arrays.copyOfRange(file, body, body + checked(size)); // PLTE
                case 0x74524E53 -> transparency = Arrays.copyOfRange(file, body, body + checked(size)); // tRNS
                case 0x49454E44 -> throw new BadImageException("is a PNG without picture data"); // IEND
                default -> {
                    // nothing that changes pixels
                }
            }
            at = body + size + 4;
        }
    }

    /** The size of the chunk at hand, once its checksum is right. */
    private int checked(int size) throws BadImageException {
        CRC32 crc = new CRC32();
        crc.update(file, at + 4, size + 4);
        if ((int) crc.getValue() != int32(at + 8 + size)) {
            throw new BadImageException("has a damaged PNG chunk");
        }
        return size;
    }

    private void header(int size, int body) throws BadImageException {
        if (size != 13) {
            throw new BadImageException("has a PNG header of the wrong length");
        }
        width = int32(body);
        height = int32(body + 4);
        depth = file[body + 8];
        type = file[body + 9];
        interlaced = file[body + 12] == 1;
        boolean depths = switch (type) {
            case GREY -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
            case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
            case COLOUR, GREY_ALPHA, COLOUR_ALPHA -> depth == 8 || depth == 16;
            default -> false;
        };
        if (!depths || width < 1 || height < 1 || file[body + 10] != 0 || file[body + 11] != 0) {
            throw new BadImageException("has a PNG header with values that PNG does not know");
        }
    }

    /** By the library, for the pictures that it reads as they are. */
    private @Nullable DecodedSamples quick() {
        boolean plain = depth == 8 && (type == COLOUR || type == COLOUR_ALPHA) && transparency.length == 0;
        return plain && !interlaced && (long) width * height >= NativeCodec.WORTHWHILE && hasEnd()
                ? NativeCodec.png(file, width, height, type == COLOUR_ALPHA)
                : null;
    }

    /** Whether chunk follows chunk to the last; of a file cut short the library would complain on standard error. */
    private boolean hasEnd() {
        int chunk = 8;
        while (chunk + 12 <= file.length) {
            int size = int32(chunk);
            if (size < 0 || size > file.length - 12 - chunk) {
                return false;
            }
            if (int32(chunk + 4) == 0x49454E44) { // IEND
                return true;
            }
            chunk += size + 12;
        }
        return false;
    }

    private DecodedSamples picture() throws BadImageException, DataFormatException {
        if (width == 0) {
            throw new BadImageException("is a PNG without a header chunk");
        }
        if (type == PALETTE && palette.length < 3) {
            throw new BadImageException("is a PNG whose palette is missing");
        }
        boolean alpha = type == GREY_ALPHA || type == COLOUR_ALPHA || transparency.length > 0;
        int colours = type == GREY || type == GREY_ALPHA ? 1 : 3;
        int channels = colours + (alpha ? 1 : 0);
        byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, height), channels)];
        if (interlaced) {
            for (int[] pass : ADAM7) {
                pass(out, channels, pass[0], pass[1], pass[2], pass[3]);
            }
        } else {
            pass(out, channels, 0, 0, 1, 1);
        }
        return new DecodedSamples(width, height, colours, alpha, out);
    }

    private void pass(byte[] out, int channels, int left, int top, int stepX, int stepY)
            throws BadImageException, DataFormatException {
        int columns = (width - left + stepX - 1) / stepX;
        int rows = (height - top + stepY - 1) / stepY;
        if (columns <= 0 || rows <= 0) {
            return;
        }
        int samples = type == COLOUR ? 3 : type == GREY_ALPHA ? 2 : type == COLOUR_ALPHA ? 4 : 1;
        int lineBytes = (int) (((long) columns * samples * depth + 7) / 8);
        int pixelBytes = Math.max(1, samples * depth / 8);
        byte[] line = new byte[lineBytes + 1];
        byte[] above = new byte[lineBytes + 1];
        byte[] spread = stepX == 1 ? out : new byte[columns * channels];
        for (int row = 0; row < rows; row++) {
            inflate(line);
            PngFilters.undo(line, above, pixelBytes);
            int target = ((top + row * stepY) * width + left) * channels;
            convert(line, columns, spread, stepX == 1 ? target : 0);
            for (int x = 0; stepX > 1 && x < columns; x++) {
                System.arraycopy(spread, x * channels, out, target + x * stepX * channels, channels);
            }
            byte[] kept = above;
            above = line;
            line = kept;
        }
    }

    /** One line of samples, which starts at index 1, to 8-bit channels. */
    private void convert(byte[] line, int columns, byte[] out, int to) throws BadImageException {
        boolean whole = depth == 8 && transparency.length == 0 && type != PALETTE;
        if (whole) {
            System.arraycopy(line, 1, out, to, line.length - 1);
        } else if (type == PALETTE) {
            fromPalette(line, columns, out, to);
        } else if (transparency.length == 0) {
            int count = (line.length - 1) * 8 / depth;
            if (depth == 16) {
                for (int i = 0; i < count; i++) {
                    out[to + i] = to8(sample(line, i));
                }
            } else {
                for (int i = 0; i < columns; i++) {
                    out[to + i] = to8(sample(line, i));
                }
            }
        } else {
            keyed(line, columns, out, to);
        }
    }

    private void fromPalette(byte[] line, int columns, byte[] out, int to) throws BadImageException {
        int entries = palette.length / 3;
        int o = to;
        for (int x = 0; x < columns; x++) {
            int index = sample(line, x);
            if (index >= entries) {
                throw new BadImageException("names a colour that its PNG palette lacks");
            }
            out[o++] = palette[3 * index];
            out[o++] = palette[3 * index + 1];
            out[o++] = palette[3 * index + 2];
            if (transparency.length > 0) {
                out[o++] = index < transparency.length ? transparency[index] : (byte) 255;
            }
        }
    }

    /** Grey or colour in which one value stands for transparent. */
    private void keyed(byte[] line, int columns, byte[] out, int to) throws BadImageException {
        int samples = type == COLOUR ? 3 : 1;
        if (transparency.length < 2 * samples || type == GREY_ALPHA || type == COLOUR_ALPHA) {
            throw new BadImageException("has a transparency chunk that does not fit its PNG colour type");
        }
        int o = to;
        for (int x = 0; x < columns; x++) {
            boolean clear = true;
            for (int s = 0; s < samples; s++) {
                int value = sample(line, x * samples + s);
                int key = (transparency[2 * s] & 255) << 8 | transparency[2 * s + 1] & 255;
                clear &= value == key;
                out[o++] = to8(value);
            }
            out[o++] = (byte) (clear ? 0 : 255);
        }
    }

    private int sample(byte[] line, int index) {
        return switch (depth) {
            case 16 -> (line[1 + 2 * index] & 255) << 8 | line[2 + 2 * index] & 255;
            case 8 -> line[1 + index] & 255;
            default -> {
                int bit = index * depth;
                yield (line[1 + bit / 8] & 255) >> (8 - depth - bit % 8) & (1 << depth) - 1;
            }
        };
    }

    private byte to8(int value) {
        return (byte)
                (depth == 16 ? (value * 255 + 32895) >> 16 : depth == 8 ? value : value * 255 / ((1 << depth) - 1));
    }

    /** Fills the line with the next unpacked bytes. */
    private void inflate(byte[] line) throws BadImageException, DataFormatException {
        int filled = 0;
        while (filled < line.length) {
            int n = inflater.inflate(line, filled, line.length - filled);
            filled += n;
            if (n == 0) {
                if (inflater.finished() || inflater.needsDictionary() || !moreData()) {
                    throw new BadImageException("ends within its picture data");
                }
            }
        }
    }

    /** Begins the data chunk at hand. */
    private void openData() throws BadImageException {
        dataLeft = checked(int32(at));
        inflater.setInput(file, at + 8, dataLeft);
        at += 12 + dataLeft;
    }

    private boolean moreData() throws BadImageException {
        if (at + 12 > file.length || int32(at + 4) != 0x49444154) {
            return false;
        }
        int size = int32(at);
        if (size < 0 || size > file.length - 12 - at) {
            throw new BadImageException("ends within its picture data");
        }
        openData();
        return true;
    }

    private int int32(int i) {
        return file[i] << 24 | (file[i + 1] & 255) << 16 | (file[i + 2] & 255) << 8 | file[i + 3] & 255;
    }
}
