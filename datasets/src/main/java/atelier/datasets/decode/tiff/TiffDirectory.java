package atelier.datasets.decode.tiff;

import atelier.datasets.decode.header.BadImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The entries of a TIFF file's first directory, TIFF 6.0 or BigTIFF; of numbers and of bytes. */
final class TiffDirectory {
    static final int WIDTH = 256;
    static final int HEIGHT = 257;
    static final int BITS = 258;
    static final int COMPRESSION = 259;
    static final int PHOTOMETRIC = 262;
    static final int FILL_ORDER = 266;
    static final int STRIP_OFFSETS = 273;
    static final int SAMPLES = 277;
    static final int ROWS_PER_STRIP = 278;
    static final int STRIP_BYTES = 279;
    static final int PLANAR = 284;
    static final int PREDICTOR = 317;
    static final int COLOUR_MAP = 320;
    static final int TILE_WIDTH = 322;
    static final int TILE_HEIGHT = 323;
    static final int TILE_OFFSETS = 324;
    static final int TILE_BYTES = 325;
    static final int INK_SET = 332;
    static final int EXTRA_SAMPLES = 338;
    static final int SAMPLE_FORMAT = 339;
    static final int JPEG_TABLES = 347;
    static final int YCBCR_COEFFICIENTS = 529;
    static final int YCBCR_SUBSAMPLING = 530;
    static final int REFERENCE_BLACK_WHITE = 532;

    private static final int[] BYTES_OF_TYPE = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

    private final ByteBuffer in;
    private final boolean big;
    private final Map<Integer, Integer> entries = new HashMap<>();

    TiffDirectory(byte[] file) throws BadImageException {
        in = ByteBuffer.wrap(file).order(file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        try {
            big = in.getShort(2) == 43;
            int at = place(big ? in.getLong(8) : in.getInt(4) & 0xFFFFFFFFL);
            long count = big ? in.getLong(at) : in.getShort(at) & 0xFFFF;
            int size = big ? 20 : 12;
            int first = at + (big ? 8 : 2);
            if (count < 0 || count > (file.length - first) / size) {
                throw new BadImageException("ends within its TIFF directory");
            }
            for (int i = 0; i < count; i++) {
                entries.putIfAbsent(in.getShort(first + i * size) & 0xFFFF, first + i * size);
            }
        } catch (IndexOutOfBoundsException e) {
            throw new BadImageException("ends within its TIFF directory", e);
        }
    }

    boolean isLittleEndian() {
        return in.order() == ByteOrder.LITTLE_ENDIAN;
    }

    boolean has(int tag) {
        return entries.containsKey(tag);
    }

    /** An entry's first number, or {@code absent}. */
    long number(int tag, long absent) throws BadImageException {
        long[] all = numbers(tag);
        return all == null || all.length == 0 ? absent : all[0];
    }

    /** An entry's whole numbers, or null without the entry. */
    long @Nullable [] numbers(int tag) throws BadImageException {
        double[] all = values(tag);
        if (all == null) {
            return null;
        }
        long[] numbers = new long[all.length];
        for (int i = 0; i < all.length; i++) {
            numbers[i] = (long) all[i];
        }
        return numbers;
    }

    /** An entry's numbers, fractions worked out, or null without the entry. */
    double @Nullable [] values(int tag) throws BadImageException {
        Integer entry = entries.get(tag);
        if (entry == null) {
            return null;
        }
        int type = in.getShort(entry + 2) & 0xFFFF;
        int count = count(tag, entry, type);
        int at = data(entry, count * (long) BYTES_OF_TYPE[type]);
        double[] all = new double[count];
        for (int i = 0; i < count; i++, at += BYTES_OF_TYPE[type]) {
            all[i] = value(type, at);
        }
        return all;
    }

    /** An entry's bytes, or null without the entry. */
    byte @Nullable [] bytes(int tag) throws BadImageException {
        Integer entry = entries.get(tag);
        if (entry == null) {
            return null;
        }
        int type = in.getShort(entry + 2) & 0xFFFF;
        int count = count(tag, entry, type) * BYTES_OF_TYPE[type];
        byte[] bytes = new byte[count];
        in.get(data(entry, count), bytes);
        return bytes;
    }

    private int count(int tag, int entry, int type) throws BadImageException {
        long count = big ? in.getLong(entry + 4) : in.getInt(entry + 4) & 0xFFFFFFFFL;
        boolean known = type < BYTES_OF_TYPE.length && BYTES_OF_TYPE[type] > 0;
        if (!known || count < 0 || count > in.capacity() / BYTES_OF_TYPE[type]) {
            throw new BadImageException("has a TIFF entry " + tag + " that cannot be read");
        }
        return (int) count;
    }

    /** Where an entry's values stand: within it where they fit. */
    private int data(int entry, long size) throws BadImageException {
        int own = entry + (big ? 12 : 8);
        if (size <= (big ? 8 : 4)) {
            return own;
        }
        int at = place(big ? in.getLong(own) : in.getInt(own) & 0xFFFFFFFFL);
        if (size > in.capacity() - at) {
            throw new BadImageException("ends within its TIFF directory");
        }
        return at;
    }

    private int place(long at) throws BadImageException {
        if (at < 0 || at > in.capacity()) {
            throw new BadImageException("ends before its TIFF directory");
        }
        return (int) at;
    }

    private double value(int type, int at) {
        return switch (type) {
            case 3 -> in.getShort(at) & 0xFFFF;
            case 4, 13 -> in.getInt(at) & 0xFFFFFFFFL;
            case 5 -> (in.getInt(at) & 0xFFFFFFFFL) / (double) (in.getInt(at + 4) & 0xFFFFFFFFL);
            case 6 -> in.get(at);
            case 8 -> in.getShort(at);
            case 9 -> in.getInt(at);
            case 10 -> in.getInt(at) / (double) in.getInt(at + 4);
            case 11 -> in.getFloat(at);
            case 12 -> in.getDouble(at);
            case 16, 17, 18 -> in.getLong(at);
            default -> in.get(at) & 0xFF;
        };
    }
}
