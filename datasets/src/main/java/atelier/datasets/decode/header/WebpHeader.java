package atelier.datasets.decode.header;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A WebP file's canvas (or a frame's size where that is larger, since it is what a decoder allocates), profile and EXIF orientation; lossy, lossless and extended form. */
final class WebpHeader {
    private static final int MAX_CHUNK = 1 << 22;
    private static final int MAX_CHUNKS = 10_000;

    private WebpHeader() {}

    static ImageHeader read(ByteView in) throws IOException {
        int width = 0;
        int height = 0;
        int orientation = 1;
        byte @Nullable [] icc = null;
        boolean extended = in.startsWith(12, 'V', 'P', '8', 'X');
        long at = 12;
        for (int n = 0; n < MAX_CHUNKS && at + 8 <= in.length(); n++) {
            long size = in.u32le(at + 4);
            long body = at + 8;
            if (in.startsWith(at, 'V', 'P', '8', 'X')) {
                width = 1 + (in.u16le(body + 4) | in.u8(body + 6) << 16);
                height = 1 + (in.u16le(body + 7) | in.u8(body + 9) << 16);
            } else if (in.startsWith(at, 'V', 'P', '8', ' ')) {
                width = Math.max(width, in.u16le(body + 6) & 0x3FFF);
                height = Math.max(height, in.u16le(body + 8) & 0x3FFF);
            } else if (in.startsWith(at, 'V', 'P', '8', 'L')) {
                long bits = in.u32le(body + 1);
                width = Math.max(width, 1 + (int) (bits & 0x3FFF));
                height = Math.max(height, 1 + (int) (bits >> 14 & 0x3FFF));
            } else if (in.startsWith(at, 'I', 'C', 'C', 'P') && size <= MAX_CHUNK) {
                icc = in.bytes(body, (int) size);
            } else if (in.startsWith(at, 'E', 'X', 'I', 'F') && size <= MAX_CHUNK) {
                orientation = TiffHeader.orientation(in.bytes(body, (int) size));
            }
            if (!extended && width != 0) {
                break;
            }
            at = body + size + (size & 1);
        }
        return new ImageHeader(ImageFormat.WEBP, width, height, orientation, icc, null);
    }
}
