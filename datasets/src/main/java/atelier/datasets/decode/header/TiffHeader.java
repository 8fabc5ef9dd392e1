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

    private final ByteView in;
    private final boolean little;
    private int width;
    private int height;
    private int orientation = 1;
    private byte @Nullable [] icc;

    private TiffHeader(ByteView in) throws IOException {
        this.in = in;
        this.little = in.u8(0) == 'I';
        long directory = u32(4);
        int entries = u16(directory);
        for (int i = 0; i < entries; i++) {
            entry(directory + 2 + 12L * i);
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
                long size = u32(at + 4);
                if (size > 128 && size <= MAX_PROFILE) {
                    icc = in.bytes(u32(at + 8), (int) size);
                }
            }
            default -> {
                // the decoder reads the rest
            }
        }
    }

    /** A single number of 16 or 32 bits. */
    private int number(long at) throws IOException {
        return u16(at + 2) == 3 ? u16(at + 8) : (int) u32(at + 8);
    }

    private int u16(long at) throws IOException {
        return little ? in.u16le(at) : in.u16be(at);
    }

    private long u32(long at) throws IOException {
        return little ? in.u32le(at) : in.u32be(at);
    }
}
