package atelier.datasets.decode.header;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A JPEG file's frame, orientation, profile, Adobe marker and number of scans. */
final class JpegHeader {
    private static final int MAX_PROFILE = 1 << 22;

    private final ByteView in;
    private int width;
    private int height;
    private int channels;
    private int adobe = -1;
    private int scans;
    private int process;
    private int precision;
    private int orientation;
    private boolean progressive;
    private boolean jfif;
    private boolean namedRgb;
    private final Map<Integer, byte[]> profile = new TreeMap<>();

    private JpegHeader(ByteView in) {
        this.in = in;
    }

    static ImageHeader read(ByteView in) throws IOException {
        JpegHeader jpeg = new JpegHeader(in);
        jpeg.segments();
        if (jpeg.channels == 0) {
            throw new BadImageException("is a JPEG without a frame");
        }
        return new ImageHeader(
                ImageFormat.JPEG,
                jpeg.width,
                jpeg.height,
                jpeg.orientation,
                jpeg.icc(),
                new JpegFrame(
                        jpeg.channels,
                        jpeg.adobe,
                        Math.max(1, jpeg.scans),
                        jpeg.process,
                        jpeg.precision,
                        !jpeg.jfif && jpeg.adobe < 0 && !jpeg.namedRgb));
    }

    /** Goes from marker to marker; a sequential file ends at its scan, a progressive one is followed to count them. */
    private void segments() throws IOException {
        long at = 2;
        while (at + 4 <= in.length()) {
            if (in.u8(at) != 0xFF) {
                at++; // entropy-coded data, or rubbish between segments, which decoders pass over
                continue;
            }
            int marker = in.u8(at + 1);
            if (marker == 0xFF) {
                at++;
            } else if (marker == 0 || marker == 1 || (marker >= 0xD0 && marker <= 0xD8)) {
                at += 2;
            } else if (marker == 0xD9) {
                return;
            } else {
                int size = in.u16be(at + 2);
                if (marker == 0xDA) {
                    scans++;
                    if (!progressive) {
                        return;
                    }
                } else {
                    segment(marker, at + 4, size - 2);
                }
                at += 2 + Math.max(2, size);
            }
        }
    }

    private void segment(int marker, long at, int size) throws IOException {
        boolean frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (frame && channels == 0) {
            height = in.u16be(at + 1);
            width = in.u16be(at + 3);
            channels = in.u8(at + 5);
            process = marker - 0xC0;
            precision = in.u8(at);
            progressive = marker == 0xC2 || marker == 0xCA;
            namedRgb = channels == 3 && in.u8(at + 6) == 'R' && in.u8(at + 9) == 'G' && in.u8(at + 12) == 'B';
        } else if (marker == 0xE0 && in.startsWith(at, 'J', 'F', 'I', 'F', 0)) {
            jfif = true;
        } else if (marker == 0xE1 && size > 14 && orientation == 0 && in.startsWith(at, 'E', 'x', 'i', 'f', 0)) {
            orientation = TiffHeader.orientation(in.bytes(at, (int) Math.min(size, in.length() - at)));
        } else if (marker == 0xE2
                && size > 14
                && in.startsWith(at, 'I', 'C', 'C', '_', 'P', 'R', 'O', 'F', 'I', 'L', 'E', 0)) {
            profile.putIfAbsent(in.u8(at + 12), in.bytes(at + 14, size - 14));
        } else if (marker == 0xEE && size >= 12 && in.startsWith(at, 'A', 'd', 'o', 'b', 'e')) {
            adobe = in.u8(at + 11);
        }
    }

    /** The profile's pieces, joined by their numbers. */
    private byte @Nullable [] icc() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        profile.values().forEach(out::writeBytes);
        return out.size() > 128 && out.size() <= MAX_PROFILE ? out.toByteArray() : null;
    }
}
