package atelier.datasets.decode.tiff;

import atelier.datasets.decode.header.BadImageException;

/** Makes grey, red-green-blue or inks of a TIFF's samples, with the opacity after them. */
final class TiffColours {
    private static final double[] COEFFICIENTS = {0.299, 0.587, 0.114};
    private static final double[] BLACK_WHITE = {0, 255, 128, 255, 128, 255};

    private final TiffForm form;
    private final TiffDirectory tags;

    TiffColours(TiffForm form, TiffDirectory tags) {
        this.form = form;
        this.tags = tags;
    }

    /** @param samples of 8 bits, all of a pixel side by side */
    TiffPicture picture(byte[] samples) throws BadImageException {
        int colours = switch (form.colour()) {
            case WHITE_IS_ZERO, BLACK_IS_ZERO -> 1;
            case RGB, PALETTE, YCBCR -> 3;
            case CMYK -> 4;
        };
        byte[] plain = switch (form.colour()) {
            case RGB, BLACK_IS_ZERO, CMYK -> samples;
            case WHITE_IS_ZERO -> turned(samples);
            case PALETTE -> looked(samples);
            case YCBCR -> rgb(samples);
        };
        boolean alpha = form.alpha() >= 0;
        int stride = form.samples() - form.colour().samples() + colours;
        int opacity = form.alpha() - form.colour().samples() + colours;
        if (stride == colours) {
            return new TiffPicture(form.width(), form.height(), colours, false, plain);
        }
        int channels = colours + (alpha ? 1 : 0);
        byte[] out = new byte[Math.multiplyExact(form.width() * form.height(), channels)];
        for (int i = 0, o = 0; o < out.length; i += stride, o += channels) {
            System.arraycopy(plain, i, out, o, colours);
            if (alpha) {
                out[o + colours] = plain[i + opacity];
            }
            for (int c = 0; form.premultiplied() && c < colours; c++) {
                out[o + c] = divided(plain[i + c] & 255, plain[i + opacity] & 255);
            }
        }
        return new TiffPicture(form.width(), form.height(), colours, alpha, out);
    }

    private static byte divided(int value, int alpha) {
        return (byte) (alpha == 0 ? 0 : Math.min(255, (value * 255 + alpha / 2) / alpha));
    }

    /** Grey whose zero is white. */
    private byte[] turned(byte[] samples) {
        for (int i = 0; i < samples.length; i += form.samples()) {
            samples[i] = (byte) ~samples[i];
        }
        return samples;
    }

    private byte[] looked(byte[] samples) throws BadImageException {
        long[] map = tags.numbers(TiffDirectory.COLOUR_MAP);
        int entries = 1 << form.bits();
        if (map == null || map.length < 3 * entries) {
            throw new BadImageException("is a TIFF whose palette is missing");
        }
        boolean narrow = true;
        for (long value : map) {
            narrow &= value < 256; // some programs write 8 of the 16 bits
        }
        int extras = form.samples() - 1;
        byte[] out = new byte[Math.multiplyExact(samples.length / form.samples(), 3 + extras)];
        for (int i = 0, o = 0; i < samples.length; i += form.samples()) {
            int index = samples[i] & 255;
            for (int c = 0; c < 3; c++) {
                long value = map[c * entries + index];
                out[o++] = (byte) (narrow ? value : value >> 8);
            }
            System.arraycopy(samples, i + 1, out, o, extras);
            o += extras;
        }
        return out;
    }

    /** Source: TIFF Revision 6.0, section 21. JPEG's own always have JFIF's numbers. */
    private byte[] rgb(byte[] samples) throws BadImageException {
        boolean jpeg = form.compression() == TiffForm.JPEG;
        double[] luma = jpeg ? COEFFICIENTS : values(TiffDirectory.YCBCR_COEFFICIENTS, COEFFICIENTS);
        double[] range = jpeg ? BLACK_WHITE : values(TiffDirectory.REFERENCE_BLACK_WHITE, BLACK_WHITE);
        double light = 255 / (range[1] - range[0]);
        double blueScale = jpeg ? 1 : 127 / (range[3] - range[2]);
        double redScale = jpeg ? 1 : 127 / (range[5] - range[4]);
        for (int i = 0; i < samples.length; i += form.samples()) {
            double y = ((samples[i] & 255) - range[0]) * light;
            double b = y + ((samples[i + 1] & 255) - range[2]) * blueScale * (2 - 2 * luma[2]);
            double r = y + ((samples[i + 2] & 255) - range[4]) * redScale * (2 - 2 * luma[0]);
            double g = (y - luma[2] * b - luma[0] * r) / luma[1];
            samples[i] = clip(r);
            samples[i + 1] = clip(g);
            samples[i + 2] = clip(b);
        }
        return samples;
    }

    private double[] values(int tag, double[] otherwise) throws BadImageException {
        double[] given = tags.values(tag);
        return given == null || given.length < otherwise.length ? otherwise : given;
    }

    private static byte clip(double value) {
        return (byte) Math.max(0, Math.min(255, Math.round(value)));
    }
}
