package atelier.datasets.decode.tiff;

import atelier.datasets.decode.header.BadImageException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How a TIFF's samples are stored. What its readers elsewhere disagree about, or what has no stated black and white, is
 * refused by name.
 *
 * @param width in pixels
 * @param height in pixels
 * @param bits of a sample, 1 to 16
 * @param samples of a pixel, with extra ones
 * @param colour what the samples mean that are no extra ones
 * @param alpha which sample is the opacity, or -1
 * @param premultiplied whether colours are multiplied by the opacity
 * @param planar whether each sample has a plane of its own
 * @param compression the tag's value, one that is read
 * @param predictor the tag's value: 2 where differences are stored
 */
record TiffForm(
        int width,
        int height,
        int bits,
        int samples,
        Colour colour,
        int alpha,
        boolean premultiplied,
        boolean planar,
        int compression,
        int predictor) {
    static final int JPEG = 7;

    /** What samples mean. */
    enum Colour {
        WHITE_IS_ZERO(1),
        BLACK_IS_ZERO(1),
        RGB(3),
        PALETTE(1),
        CMYK(4),
        YCBCR(3);

        private final int samples;

        Colour(int samples) {
            this.samples = samples;
        }

        int samples() {
            return samples;
        }
    }

    static TiffForm of(TiffDirectory tags) throws BadImageException {
        int samples = (int) tags.number(TiffDirectory.SAMPLES, 1);
        Colour colour = colour(tags, samples);
        checkNumbers(tags);
        int bits = bits(tags, samples);
        long[] extra = tags.numbers(TiffDirectory.EXTRA_SAMPLES);
        int extras = samples - colour.samples();
        if (extras < 0 || extras > 16) {
            throw new BadImageException("is a TIFF of " + samples + " samples a pixel, which its colours do not need");
        }
        int alpha = alpha(colour, samples, extra);
        boolean premultiplied = alpha >= 0 && extra != null && extra[alpha - colour.samples()] == 1;
        boolean planar = tags.number(TiffDirectory.PLANAR, 1) == 2 && samples > 1;
        TiffForm form = new TiffForm(
                (int) tags.number(TiffDirectory.WIDTH, 0),
                (int) tags.number(TiffDirectory.HEIGHT, 0),
                bits,
                samples,
                colour,
                alpha,
                premultiplied,
                planar,
                compression(tags),
                (int) tags.number(TiffDirectory.PREDICTOR, 1));
        form.checkFit();
        return form;
    }

    private static Colour colour(TiffDirectory tags, int samples) throws BadImageException {
        int photometric = (int) tags.number(TiffDirectory.PHOTOMETRIC, -1);
        return switch (photometric) {
            case 0 -> Colour.WHITE_IS_ZERO;
            case 1 -> Colour.BLACK_IS_ZERO;
            case 2 -> Colour.RGB;
            case 3 -> Colour.PALETTE;
            case 5 -> {
                if (tags.number(TiffDirectory.INK_SET, 1) != 1 || samples < 4) {
                    throw refused("of inks other than cyan, magenta, yellow and black");
                }
                yield Colour.CMYK;
            }
            case 6 -> Colour.YCBCR;
            case 8 -> throw refused("in CIELab colours");
            case 9 -> throw refused("in ICCLab colours");
            case 10 -> throw refused("in ITULab colours");
            case 4 -> throw refused("that is a transparency mask");
            case 32803 -> throw refused("of a camera's colour filter, which is no picture yet");
            case 32844, 32845 -> throw refused("of logarithmic colours (LogL, LogLuv)");
            case 34892 -> throw refused("of a camera's linear colours");
            case -1 -> throw refused("that does not say what its samples mean (PhotometricInterpretation)");
            default -> throw refused("in colours of an unknown kind (" + photometric + ")");
        };
    }

    private static void checkNumbers(TiffDirectory tags) throws BadImageException {
        long[] formats = tags.numbers(TiffDirectory.SAMPLE_FORMAT);
        for (long format : formats == null ? new long[] {1} : formats) {
            if (format == 2) {
                throw refused("of signed numbers, which do not say where black is");
            } else if (format == 3) {
                throw refused("of floating-point numbers, which do not say where white is");
            } else if (format == 5 || format == 6) {
                throw refused("of complex numbers");
            } else if (format != 1 && format != 4) {
                throw refused("of numbers of an unknown form (SampleFormat " + format + ")");
            }
        }
    }

    private static int bits(TiffDirectory tags, int samples) throws BadImageException {
        long[] all = tags.numbers(TiffDirectory.BITS);
        int bits = all == null || all.length == 0 ? 1 : (int) all[0];
        if (all != null && Arrays.stream(all).limit(samples).anyMatch(each -> each != bits)) {
            throw refused("whose samples have different numbers of bits");
        }
        if (bits < 1 || bits > 16) {
            throw refused("of " + bits + " bits a sample");
        }
        return bits;
    }

    private static int compression(TiffDirectory tags) throws BadImageException {
        int compression = (int) tags.number(TiffDirectory.COMPRESSION, 1);
        return switch (compression) {
            case 1, 2, 3, 4, 5, JPEG, 8, 32773 -> compression;
            case 32946 -> 8;
            case 6 -> throw refused("compressed with JPEG in its old form");
            case 34712 -> throw refused("compressed with JPEG 2000");
            case 34887 -> throw refused("compressed with LERC");
            case 34925 -> throw refused("compressed with LZMA");
            case 50000 -> throw refused("compressed with Zstandard");
            case 50001 -> throw refused("compressed with WebP");
            default -> throw refused("compressed in a way that is not known (" + compression + ")");
        };
    }

    /**
     * The sample that is the opacity. An extra sample of unsaid meaning is passed over; four samples of red, green and blue
     * without a word about the fourth are taken as Pillow takes them.
     */
    private static int alpha(Colour colour, int samples, long @Nullable [] extra) throws BadImageException {
        int extras = samples - colour.samples();
        if (extra == null) {
            if (extras == 0) {
                return -1;
            } else if (extras == 1 && colour == Colour.RGB) {
                return 3;
            }
            throw refused("of " + samples + " samples a pixel that does not say what the last one is (ExtraSamples)");
        }
        for (int i = 0; i < Math.min(extra.length, extras); i++) {
            if (extra[i] == 1 || extra[i] == 2) {
                return colour.samples() + i;
            }
        }
        return -1;
    }

    private void checkFit() throws BadImageException {
        boolean fax = compression >= 2 && compression <= 4;
        if (fax && (bits != 1 || samples != 1 || colour.samples() != 1)) {
            throw refused("compressed as a fax that is not black and white");
        }
        if (compression == JPEG && (bits != 8 || colour == Colour.PALETTE || predictor != 1)) {
            throw refused("compressed with JPEG whose samples are not of 8 bits");
        }
        if (colour == Colour.PALETTE && bits > 8) {
            throw refused("whose palette has more than 256 colours");
        }
        if (colour == Colour.YCBCR && (bits != 8 || planar && compression != JPEG)) {
            throw refused("in YCbCr colours that are not of 8 bits side by side");
        }
        boolean differences = predictor == 2 && (bits == 8 || bits == 16) && compression != 1;
        if (predictor == 3) {
            throw refused("with a predictor for floating-point numbers");
        }
        if (predictor != 1 && !differences && !(compression == 1 && predictor == 2)) {
            throw refused("with a predictor that does not fit its samples (" + predictor + ")");
        }
    }

    static BadImageException refused(String what) {
        return new BadImageException("is a TIFF " + what + ", which is not read; save it as PNG");
    }

    /** Whether differences from pixel to pixel are stored; without compression the entry means nothing. */
    boolean isPredicted() {
        return predictor == 2 && compression != 1;
    }
}
