package atelier.datasets.decode;

import atelier.common.file.Sha256;
import atelier.common.image.Pixels;
import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Brings raw colours to sRGB: embedded profiles, inks, grey, and what lies under transparent pixels. */
final class Colours {
    private static final int REMEMBERED = 256;
    /** Profiles by digest; empty for one that is sRGB already, or broken, so that its picture is taken as it is. */
    private static final Map<String, Optional<ICC_Profile>> PROFILES = new ConcurrentHashMap<>();

    private static final ICC_Profile SRGB = ICC_Profile.getInstance(ColorSpace.CS_sRGB);

    private Colours() {}

    /** The picture in sRGB over the background, 0xRRGGBB. */
    static Pixels toRgb(DecodedSamples raw, byte @Nullable [] icc, int background) {
        int area = raw.width() * raw.height();
        byte @Nullable [] colours = icc == null ? null : converted(raw, icc);
        if (colours == null && raw.colours() == 3 && !raw.alpha()) {
            return new Pixels(raw.width(), raw.height(), raw.samples());
        }
        byte[] rgb = colours == null ? plain(raw, area) : colours;
        if (raw.alpha()) {
            over(rgb, raw, background);
        }
        return new Pixels(raw.width(), raw.height(), rgb);
    }

    /** The opacity in all three channels; full where there is none. */
    static Pixels opacity(DecodedSamples raw) {
        byte[] rgb = new byte[3 * raw.width() * raw.height()];
        int channels = raw.channels();
        for (int o = 0, a = channels - 1; o < rgb.length; o += 3, a += channels) {
            Arrays.fill(rgb, o, o + 3, raw.alpha() ? raw.samples()[a] : (byte) 255);
        }
        return new Pixels(raw.width(), raw.height(), rgb);
    }

    /** Brightness by ITU-R 601, as Pillow converts to grey, times opacity, in all three channels. */
    static Pixels mask(DecodedSamples raw) {
        int area = raw.width() * raw.height();
        byte[] rgb = plain(raw, area);
        int channels = raw.channels();
        for (int o = 0, a = channels - 1; o < rgb.length; o += 3, a += channels) {
            int luma = (rgb[o] & 255) * 19595 + (rgb[o + 1] & 255) * 38470 + (rgb[o + 2] & 255) * 7471 + 0x8000 >> 16;
            int value = raw.alpha() ? over255(luma * (raw.samples()[a] & 255)) : luma;
            Arrays.fill(rgb, o, o + 3, (byte) value);
        }
        return new Pixels(raw.width(), raw.height(), rgb);
    }

    /** Without a profile: grey thrice, inks by (1 - ink)(1 - black), as Pillow does. */
    private static byte[] plain(DecodedSamples raw, int area) {
        byte[] in = raw.samples();
        byte[] rgb = new byte[3 * area];
        int channels = raw.channels();
        for (int i = 0, o = 0; o < rgb.length; i += channels, o += 3) {
            if (raw.colours() == 1) {
                rgb[o] = in[i];
                rgb[o + 1] = in[i];
                rgb[o + 2] = in[i];
            } else if (raw.colours() == 3) {
                rgb[o] = in[i];
                rgb[o + 1] = in[i + 1];
                rgb[o + 2] = in[i + 2];
            } else {
                int left = 255 - (in[i + 3] & 255);
                for (int c = 0; c < 3; c++) {
                    rgb[o + c] = (byte) (left - over255((in[i + c] & 255) * left));
                }
            }
        }
        return rgb;
    }

    private static void over(byte[] rgb, DecodedSamples raw, int background) {
        int channels = raw.channels();
        byte[] in = raw.samples();
        int[] under = {background >> 16 & 255, background >> 8 & 255, background & 255};
        for (int o = 0, a = channels - 1; o < rgb.length; o += 3, a += channels) {
            int alpha = in[a] & 255;
            if (alpha == 255) {
                continue;
            }
            for (int c = 0; c < 3; c++) {
                rgb[o + c] = (byte) over255((rgb[o + c] & 255) * alpha + under[c] * (255 - alpha));
            }
        }
    }

    /** x / 255, rounded, for x up to 255 * 255. */
    private static int over255(int x) {
        int t = x + 128;
        return t + (t >> 8) >> 8;
    }

    /** The colours through the profile, or null when it changes nothing or does not fit. */
    private static byte @Nullable [] converted(DecodedSamples raw, byte[] icc) {
        Optional<ICC_Profile> profile = profile(icc);
        if (profile.isEmpty() || profile.get().getNumComponents() != raw.colours()) {
            return null;
        }
        int area = raw.width() * raw.height();
        byte[] in = raw.samples();
        if (raw.alpha()) {
            in = new byte[raw.colours() * area];
            for (int i = 0, o = 0; o < in.length; i++) {
                for (int c = 0; c < raw.colours(); c++) {
                    in[o++] = raw.samples()[i * raw.channels() + c];
                }
            }
        }
        try {
            return convert(profile.get(), in, raw.width(), raw.height(), raw.colours());
        } catch (CMMException | IllegalArgumentException e) {
            return null; // a profile that cannot be computed with is passed over, as viewers do
        }
    }

    private static byte[] convert(ICC_Profile profile, byte[] in, int width, int height, int channels) {
        byte[] out = new byte[3 * width * height];
        ColorConvertOp op = new ColorConvertOp(new ICC_Profile[] {profile, SRGB}, null);
        op.filter(raster(in, width, height, channels), raster(out, width, height, 3));
        return out;
    }

    private static WritableRaster raster(byte[] data, int width, int height, int channels) {
        int[] offsets = new int[channels];
        for (int i = 0; i < channels; i++) {
            offsets[i] = i;
        }
        DataBuffer buffer = new DataBufferByte(data, data.length);
        return Raster.createInterleavedRaster(buffer, width, height, width * channels, channels, offsets, null);
    }

    private static Optional<ICC_Profile> profile(byte[] icc) {
        String digest = Sha256.of(icc);
        Optional<ICC_Profile> known = PROFILES.get(digest);
        if (known == null) {
            known = load(icc);
            if (PROFILES.size() < REMEMBERED) {
                PROFILES.put(digest, known);
            }
        }
        return known;
    }

    private static Optional<ICC_Profile> load(byte[] icc) {
        try {
            ICC_Profile profile = ICC_Profile.getInstance(icc);
            int channels = new ICC_ColorSpace(profile).getNumComponents();
            return channels == 3 && changesNothing(profile) ? Optional.empty() : Optional.of(profile);
        } catch (CMMException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    /** Whether a coarse grid of colours comes out within one step of what went in: sRGB under whatever name. */
    private static boolean changesNothing(ICC_Profile profile) {
        int side = 6;
        int count = side * side * side;
        byte[] grid = new byte[3 * count];
        for (int i = 0; i < count; i++) {
            grid[3 * i] = (byte) (i % side * 51);
            grid[3 * i + 1] = (byte) (i / side % side * 51);
            grid[3 * i + 2] = (byte) (i / side / side * 51);
        }
        byte[] out = convert(profile, grid, count, 1, 3);
        for (int i = 0; i < grid.length; i++) {
            if (Math.abs((grid[i] & 255) - (out[i] & 255)) > 1) {
                return false;
            }
        }
        return true;
    }
}
