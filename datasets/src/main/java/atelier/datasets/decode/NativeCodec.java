package atelier.datasets.decode;

import atelier.datasets.decode.header.ImageHeader;
import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import org.bytedeco.leptonica.PIX;
import org.bytedeco.leptonica.global.leptonica;
import org.jspecify.annotations.Nullable;

/**
 * Decodes by libjpeg-turbo and libpng, which Leptonica's Java binding brings along: two to seven times as fast as the
 * readers written in Java, which remain for what these do not take, for systems without the library, and for the last word
 * on damaged files. Sizes are checked by the caller, before anything is decoded.
 */
final class NativeCodec {
    /** Below so many pixels the library is not worth loading. */
    static final long WORTHWHILE = 1 << 16;

    private static final VarHandle FOUR_BYTES = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private static final boolean LOADED = load();

    private NativeCodec() {}

    private static boolean load() {
        try {
            leptonica.setMsgSeverity(leptonica.L_SEVERITY_NONE);
            return true;
        } catch (LinkageError | RuntimeException e) {
            return false; // no library for this system
        }
    }

    /** A JPEG of three channels, of which only what decoding needs is left; null where it is not read without complaint. */
    static @Nullable DecodedSamples jpeg(byte[] file, ImageHeader header) {
        if (!LOADED || !hasEnd(file)) {
            return null;
        }
        int[] warnings = new int[1];
        PIX picture = leptonica.pixReadMemJpeg(file, file.length, 0, 1, warnings, 0);
        return raw(picture, header.width(), header.height(), false, warnings[0] == 0);
    }

    /** A PNG of three or four channels of 8 bits without transparent colour; null where it is not read without complaint. */
    static @Nullable DecodedSamples png(byte[] file, int width, int height, boolean alpha) {
        if (!LOADED) {
            return null;
        }
        byte[] bare = bare(file);
        PIX picture = leptonica.pixReadMemPng(bare, bare.length);
        return raw(picture, width, height, alpha, true);
    }

    /**
     * A PNG's header, picture data and end, without its other chunks: pictures come from strangers, and most faults of
     * libpng lay in chunks that decoding 8-bit colour does not need.
     */
    private static byte[] bare(byte[] png) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(png.length);
        out.write(png, 0, 8);
        ByteBuffer words = ByteBuffer.wrap(png);
        int at = 8;
        while (at + 12 <= png.length) {
            int size = words.getInt(at);
            int name = words.getInt(at + 4);
            if (size < 0 || size > png.length - 12 - at) {
                break;
            }
            if (name == 0x49484452 || name == 0x49444154 || name == 0x49454E44) { // IHDR, IDAT, IEND
                out.write(png, at, size + 12);
            }
            at += size + 12;
        }
        return out.toByteArray();
    }

    /**
     * Whether a JPEG's end mark stands in its second half. Of a file cut short the library would complain on the process's
     * standard error; those go to the readers in Java at once.
     */
    static boolean hasEnd(byte[] jpeg) {
        for (int i = jpeg.length - 2; i >= jpeg.length / 2; i--) {
            if (jpeg[i] == (byte) 0xFF && jpeg[i + 1] == (byte) 0xD9) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable DecodedSamples raw(
            @Nullable PIX picture, int width, int height, boolean alpha, boolean sound) {
        if (picture == null || picture.isNull()) {
            return null;
        }
        try {
            boolean fits = picture.w() == width && picture.h() == height && picture.d() == 32;
            if (!sound || !fits || (picture.spp() == 4) != alpha) {
                return null;
            }
            return new DecodedSamples(width, height, 3, alpha, samples(picture, width, height, alpha));
        } finally {
            leptonica.pixDestroy(picture);
        }
    }

    /** A pixel is a number: red, green, blue and opacity from its highest byte down. */
    private static byte[] samples(PIX picture, int width, int height, boolean alpha) {
        byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, height), alpha ? 4 : 3)];
        int[] line = new int[width];
        IntBuffer words = picture.data().capacity((long) picture.wpl() * height).asBuffer();
        for (int y = 0, o = 0; y < height; y++) {
            words.position(y * picture.wpl());
            words.get(line);
            if (alpha) {
                for (int x = 0; x < width; x++, o += 4) {
                    int word = line[x];
                    out[o] = (byte) (word >> 24);
                    out[o + 1] = (byte) (word >> 16);
                    out[o + 2] = (byte) (word >> 8);
                    out[o + 3] = (byte) word;
                }
            } else {
                o = colours(line, out, o);
            }
        }
        return out;
    }

    /** A line's red, green and blue from place o on, four pixels in three stores; returns the place after it. */
    private static int colours(int[] line, byte[] out, int o) {
        int x = 0;
        for (; x + 4 <= line.length; x += 4, o += 12) {
            int second = line[x + 1];
            int third = line[x + 2];
            FOUR_BYTES.set(out, o, line[x] & 0xFFFFFF00 | second >>> 24);
            FOUR_BYTES.set(out, o + 4, second << 8 & 0xFFFF0000 | third >>> 16);
            FOUR_BYTES.set(out, o + 8, third << 16 & 0xFF000000 | line[x + 3] >>> 8);
        }
        for (; x < line.length; x++, o += 3) {
            int word = line[x];
            out[o] = (byte) (word >> 24);
            out[o + 1] = (byte) (word >> 16);
            out[o + 2] = (byte) (word >> 8);
        }
        return o;
    }
}
