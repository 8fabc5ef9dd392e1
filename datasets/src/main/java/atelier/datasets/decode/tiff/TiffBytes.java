package atelier.datasets.decode.tiff;

import atelier.datasets.decode.header.BadImageException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Unpacks the bytes of a strip or tile. Source: TIFF Revision 6.0, sections 9 and 13; Technical Note on Deflate. */
final class TiffBytes {
    private static final int CLEAR = 256;
    private static final int END = 257;
    private static final int MAX_CODES = 4096;

    private TiffBytes() {}

    /**
     * @param packed the strip's bytes
     * @param size of the unpacked bytes
     * @throws BadImageException when they are damaged or too few
     */
    static byte[] unpack(byte[] packed, int compression, int size) throws BadImageException {
        byte[] out = new byte[size];
        int filled = switch (compression) {
            case 1 -> {
                System.arraycopy(packed, 0, out, 0, Math.min(size, packed.length));
                yield packed.length;
            }
            case 5 -> lzw(packed, out);
            case 8 -> inflate(packed, out);
            case 32773 -> packBits(packed, out);
            default -> throw new IllegalArgumentException("no compression of bytes: " + compression);
        };
        if (filled < size) {
            throw new BadImageException("ends within its picture data");
        }
        return out;
    }

    /** Turns the bits of each byte round: FillOrder 2. */
    static void reverseBits(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (Integer.reverse(bytes[i]) >>> 24);
        }
    }

    private static int inflate(byte[] packed, byte[] out) throws BadImageException {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(packed);
            int filled = 0;
            while (filled < out.length) {
                int n = inflater.inflate(out, filled, out.length - filled);
                if (n == 0 && (inflater.finished() || inflater.needsInput() || inflater.needsDictionary())) {
                    break;
                }
                filled += n;
            }
            return filled;
        } catch (DataFormatException e) {
            throw new BadImageException("has damaged TIFF data", e);
        } finally {
            inflater.end();
        }
    }

    private static int packBits(byte[] packed, byte[] out) {
        int o = 0;
        for (int i = 0; i < packed.length && o < out.length; ) {
            int n = packed[i++];
            if (n >= 0) {
                int count = Math.min(n + 1, Math.min(packed.length - i, out.length - o));
                System.arraycopy(packed, i, out, o, count);
                i += n + 1;
                o += count;
            } else if (n != -128 && i < packed.length) {
                int count = Math.min(1 - n, out.length - o);
                Arrays.fill(out, o, o + count, packed[i++]);
                o += count;
            }
        }
        return o;
    }

    /** Codes of 9 to 12 bits, the highest bit first; the width grows one code early. */
    private static int lzw(byte[] packed, byte[] out) throws BadImageException {
        if (packed.length >= 2 && packed[0] == 0 && (packed[1] & 1) == 1) {
            throw TiffForm.refused("compressed with LZW in its old form");
        }
        int[] prefix = new int[MAX_CODES];
        byte[] last = new byte[MAX_CODES];
        int[] length = new int[MAX_CODES];
        for (int i = 0; i < CLEAR; i++) {
            last[i] = (byte) i;
            length[i] = 1;
        }
        int next = END + 1;
        int width = 9;
        int before = -1;
        long bits = 0;
        int held = 0;
        int o = 0;
        for (int i = 0; o < out.length; ) {
            while (held < width && i < packed.length) {
                bits = bits << 8 | packed[i++] & 255;
                held += 8;
            }
            if (held < width) {
                return o;
            }
            int code = (int) (bits >> held - width) & (1 << width) - 1;
            held -= width;
            if (code == END) {
                return o;
            } else if (code == CLEAR) {
                next = END + 1;
                width = 9;
                before = -1;
                continue;
            }
            if (code > next || before < 0 && code > CLEAR || code == next && before < 0) {
                throw new BadImageException("has damaged TIFF data");
            }
            int written = code < next ? code : before;
            int first = write(written, prefix, last, length, out, o);
            o += length[written];
            if (code == next && o < out.length) {
                out[o] = (byte) first;
            }
            o += code == next ? 1 : 0;
            if (before >= 0 && next < MAX_CODES) {
                prefix[next] = before;
                last[next] = (byte) first;
                length[next] = length[before] + 1;
                next++;
            }
            before = code;
            if (next >= (1 << width) - 1 && width < 12) {
                width++;
            }
        }
        return o;
    }

    /** Writes a code's bytes from place o on, as far as there is room; returns the first of them. */
    private static int write(int code, int[] prefix, byte[] last, int[] length, byte[] out, int o) {
        int c = code;
        for (int i = o + length[code] - 1; ; i--) {
            if (i < out.length) {
                out[i] = last[c];
            }
            if (length[c] == 1) {
                return last[c];
            }
            c = prefix[c];
        }
    }
}
