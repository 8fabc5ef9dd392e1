package atelier.datasets.decode;

import atelier.datasets.decode.header.BadImageException;
import atelier.datasets.decode.header.ImageFormat;
import atelier.datasets.decode.header.ImageHeader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Decodes WebP. Of a moving one the first frame, taken out and decoded as the still picture that it is, on its canvas,
 * which is transparent, or black in a file that says that nothing of it is.
 *
 * <p>Source: RFC 9649.
 */
final class WebpReader {
    private static final int MAX_CHUNKS = 100_000;
    private static final int HEAD = 8;

    private WebpReader() {}

    static DecodedSamples read(byte[] file, ImageHeader header, long maxPixels) throws IOException {
        boolean moving = file.length > 20 && file[12] == 'V' && file[15] == 'X' && (file[20] & 2) != 0;
        return moving
                ? firstFrame(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN), header, maxPixels)
                : ImageIoReader.webp(file, header, maxPixels);
    }

    private static DecodedSamples firstFrame(ByteBuffer file, ImageHeader header, long maxPixels) throws IOException {
        int at = 12;
        for (int n = 0; n < MAX_CHUNKS && at + HEAD <= file.capacity(); n++) {
            int size = size(file, at);
            if (name(file, at).equals("ANMF")) {
                return frame(file, at + HEAD, size, header, maxPixels);
            }
            at += HEAD + size + (size & 1);
        }
        throw new BadImageException("is a moving WebP without a frame");
    }

    private static DecodedSamples frame(ByteBuffer file, int from, int size, ImageHeader header, long maxPixels)
            throws IOException {
        int left = 2 * int24(file, from);
        int top = 2 * int24(file, from + 3);
        int width = 1 + int24(file, from + 6);
        int height = 1 + int24(file, from + 9);
        ImageHeader still = new ImageHeader(ImageFormat.WEBP, width, height, 1, null, null);
        if (still.pixels() > maxPixels || left + width > header.width() || top + height > header.height()) {
            throw new BadImageException("has a frame that lies beyond its canvas");
        }
        byte[] alone = still(file, from + 16, from + size, width, height);
        DecodedSamples frame = ImageIoReader.webp(alone, still, maxPixels);
        if (frame.width() != width || frame.height() != height) {
            throw new BadImageException("has a frame of another size than it says");
        }
        boolean whole = width == header.width() && height == header.height();
        boolean clear = (file.get(20) & 0x10) != 0;
        return whole ? frame : onCanvas(frame, left, top, header, clear);
    }

    /** A WebP file of the chunks that make up a frame. */
    private static byte[] still(ByteBuffer file, int from, int to, int width, int height) throws BadImageException {
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        boolean alpha = false;
        for (int at = from; at + HEAD <= to; ) {
            int size = size(file, at);
            String name = name(file, at);
            if (name.equals("ALPH") || name.equals("VP8 ") || name.equals("VP8L")) {
                alpha |= name.equals("ALPH");
                int padded = Math.min(size + (size & 1), file.capacity() - at - HEAD);
                chunks.writeBytes(bytes(file, at, HEAD + padded));
            }
            at += HEAD + size + (size & 1);
        }
        byte[] extended = {};
        if (alpha) {
            ByteBuffer chunk = ByteBuffer.allocate(18).order(ByteOrder.LITTLE_ENDIAN);
            chunk.put("VP8X".getBytes(StandardCharsets.US_ASCII)).putInt(10).putInt(0x10);
            put24(chunk, width - 1);
            put24(chunk, height - 1);
            extended = chunk.array();
        }
        int body = 4 + extended.length + chunks.size();
        ByteBuffer whole = ByteBuffer.allocate(HEAD + body).order(ByteOrder.LITTLE_ENDIAN);
        whole.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(body);
        whole.put("WEBP".getBytes(StandardCharsets.US_ASCII)).put(extended).put(chunks.toByteArray());
        return whole.array();
    }

    private static DecodedSamples onCanvas(DecodedSamples frame, int left, int top, ImageHeader header, boolean clear) {
        byte[] out = new byte[Math.multiplyExact(4 * header.width(), header.height())];
        for (int i = 3; !clear && i < out.length; i += 4) {
            out[i] = (byte) 255;
        }
        int channels = frame.channels();
        for (int y = 0; y < frame.height(); y++) {
            for (int x = 0; x < frame.width(); x++) {
                int from = (y * frame.width() + x) * channels;
                int to = ((top + y) * header.width() + left + x) * 4;
                System.arraycopy(frame.samples(), from, out, to, 3);
                out[to + 3] = frame.alpha() ? frame.samples()[from + 3] : (byte) 255;
            }
        }
        return new DecodedSamples(header.width(), header.height(), 3, true, out);
    }

    private static int size(ByteBuffer file, int at) throws BadImageException {
        long size = file.getInt(at + 4) & 0xFFFFFFFFL;
        if (size > file.capacity() - at - HEAD) {
            throw new BadImageException("ends within its picture data");
        }
        return (int) size;
    }

    private static String name(ByteBuffer file, int at) {
        return new String(bytes(file, at, 4), StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(ByteBuffer file, int at, int length) {
        byte[] bytes = new byte[length];
        file.get(at, bytes);
        return bytes;
    }

    private static int int24(ByteBuffer file, int at) {
        return file.getShort(at) & 0xFFFF | (file.get(at + 2) & 255) << 16;
    }

    private static void put24(ByteBuffer out, int value) {
        out.putShort((short) value).put((byte) (value >> 16));
    }
}
