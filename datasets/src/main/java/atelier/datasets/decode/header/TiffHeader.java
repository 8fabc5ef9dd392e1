package atelier.datasets.decode.header;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The first directory of a TIFF file, which is also what an EXIF block is. */
final class TiffHeader {
    private static final int WIDTH = 256;
    private static final int HEIGHT = 257;
    private static final int ORIENTATION = 274;
    private static final int ICC = 34675;
    private static final int MAX_PROFILE = 1 << 24;
    private static final int MAX_ENTRIES = 1 << 16;

    private final ByteView in;
    private final boolean little;
    private final boolean big;
    private int width;
    private int height;
    private int orientation = 1;
    private byte @Nullable [] icc;

    private TiffHeader(ByteView in) throws IOException {
        this.in = in;
        this.little = in.u8(0) == 'I';
        this.big = u16(2) == 43;
        long directory = big ? u64(8) : u32(4);
        long entries = big ? u64(directory) : u16(directory);
        if (entries > MAX_ENTRIES) {
            throw new BadImageException("claims more TIFF entries than any program writes");
        }
        for (long i = 0; i < entries; i++) {
            entry(directory + (big ? 8 + 20 * i : 2 + 12 * i));
        }
    }

    static ImageHeader read(ByteView in) throws IOException {
        TiffHeader tiff = new TiffHeader(in);
        return new ImageHeader(ImageFormat.TIFF, tiff.width, tiff.height, tiff.orientation, tiff.icc, null);
    }

    /** The orientation in an EXIF block, with or without its "Exif" lead; 1 when it has none or cannot be read. */
    static int orientation(byte[] exif) {
        boolean lead = exif.length > 6 && exif[0] == 'E' && exif[1] == 'x' && exif[2] == 'i' && exif[3] == 'f';
        byte[] block = lead ? Arrays.copyOfRange(exif, 6, exif.length) : exif;
        try {
            return block.length < 8 ? 1 : new TiffHeader(ByteView.of(block)).orientation;
        } catch (IOException e) {
            return 1; // a broken EXIF block leaves the picture as it is stored, as everywhere
        }
    }

    private void entry(long at) throws IOException {
        int tag = u16(at);
        switch (tag) {
            case WIDTH -> width = number(at);
            case HEIGHT -> height = number(at);
            case ORIENTATION -> orientation = number(at);
            case ICC -> {
                long size = big ? u64(at + 4) : u32(at + 4);
                if (size > 128 && size <= MAX_PROFILE) {
                    icc = in.bytes(big ? u64(at + 12) : u32(at + 8), (int) size);
                }
            }
            default -> {
                // the decoder reads the rest
            }
        }
    }

    /** A single number of 16, 32 or 64 bits. */
    private int number(long at) throws IOException {
        long value = at + (big ? 12 : 8);
        int type = u16(at + 2);
        return type == 3 ? u16(value) : type == 16 ? (int) Math.min(u64(value), Integer.MAX_VALUE) : (int) u32(value);
    }

    private long u64(long at) throws IOException {
        long value = little ? u32(at) | u32(at + 4) << 32 : u32(at) << 32 | u32(at + 4);
        if (value < 0 || value > Long.MAX_VALUE / 64) {
            throw new BadImageException("claims a place that no file has");
        }
        return value;
    }

    private int u16(long at) throws IOException {
        return little ? in.u16le(at) : in.u16be(at);
    }

    private long u32(long at) throws IOException {
        return little ? in.u32le(at) : in.u32be(at);
    }
}
