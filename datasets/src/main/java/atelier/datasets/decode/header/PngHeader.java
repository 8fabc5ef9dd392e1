package atelier.datasets.decode.header;

import java.io.IOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** A PNG file's size, profile and EXIF orientation. */
final class PngHeader {
    private static final int MAX_PROFILE = 1 << 22;
    private static final int MAX_CHUNKS = 100_000;
    private static final long SIGNATURE = 8;

    private PngHeader() {}

    static ImageHeader read(ByteView in) throws IOException {
        if (!in.startsWith(12, 'I', 'H', 'D', 'R')) {
            throw new BadImageException("is a PNG without a header chunk");
        }
        byte @Nullable [] icc = null;
        int orientation = 1;
        boolean srgb = false;
        long at = SIGNATURE;
        for (int n = 0; n < MAX_CHUNKS && at + 12 <= in.length(); n++) {
            long size = in.u32be(at);
            if (in.startsWith(at + 4, 'i', 'C', 'C', 'P') && size <= MAX_PROFILE) {
                icc = inflate(in.bytes(at + 8, (int) Math.min(size, in.length() - at - 8)));
            } else if (in.startsWith(at + 4, 's', 'R', 'G', 'B')) {
                srgb = true;
            } else if (in.startsWith(at + 4, 'e', 'X', 'I', 'f')
                    && at + 8 + size <= in.length()
                    && size < MAX_PROFILE) {
                orientation = TiffHeader.orientation(in.bytes(at + 8, (int) size));
            } else if (in.startsWith(at + 4, 'I', 'E', 'N', 'D')) {
                break;
            }
            at += 12 + size;
        }
        int width = (int) in.u32be(16);
        int height = (int) in.u32be(20);
        return new ImageHeader(ImageFormat.PNG, width, height, orientation, srgb ? null : icc, null);
    }

    /** The profile after its name and method; null when it cannot be unpacked, which viewers pass over too. */
    private static byte @Nullable [] inflate(byte[] chunk) {
        int name = 0;
        while (name < chunk.length && chunk[name] != 0) {
            name++;
        }
        if (name + 2 >= chunk.length) {
            return null;
        }
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(chunk, name + 2, chunk.length - name - 2);
            byte[] out = new byte[1 << 12];
            int size = 0;
            while (!inflater.finished()) {
                if (size == out.length) {
                    if (size >= MAX_PROFILE) {
                        return null;
                    }
                    out = Arrays.copyOf(out, size * 2);
                }
                int n = inflater.inflate(out, size, out.length - size);
                if (n == 0 && !inflater.finished()) {
                    return null;
                }
                size += n;
            }
            return Arrays.copyOf(out, size);
        } catch (DataFormatException e) {
            return null;
        } finally {
            inflater.end();
        }
    }
}
