package atelier.datasets.image;

import java.util.Arrays;

/**
 * Resizes with an antialiased Lanczos filter of three lobes, bit for bit as Pillow's {@code resize(size, LANCZOS)} does:
 * columns first, 8 bits between the passes, weights as integers of 22 bits.
 *
 * <p>L(x) = sinc(x) sinc(x / 3) for |x| &lt; 3. When the picture shrinks by a factor s the filter widens by s, so an
 * output pixel is the weighted mean of 6 s input pixels a side.
 */
public final class Lanczos {
    private static final int BITS = 22;
    private static final int HALF = 1 << (BITS - 1);
    private static final double LOBES = 3;

    private Lanczos() {}

    /** The whole picture at another size. */
    public static Pixels resize(Pixels in, int width, int height) {
        return resize(in, width, height, 0, 0, width, height);
    }

    /**
     * A part of the resized picture, without the work for the rest of it.
     *
     * @param width the width that the whole picture would have
     * @param height the height that the whole picture would have
     * @param left the part's left edge within it
     * @param top the part's top edge within it
     * @param partWidth the part's width
     * @param partHeight the part's height
     */
    public static Pixels resize(Pixels in, int width, int height, int left, int top, int partWidth, int partHeight) {
        if (width < 1 || height < 1 || partWidth < 1 || partHeight < 1) {
            throw new IllegalArgumentException("a picture is at least 1 x 1, got " + width + " x " + height + ", part "
                    + partWidth + " x " + partHeight);
        }
        if (left < 0 || top < 0 || left + partWidth > width || top + partHeight > height) {
            throw new IllegalArgumentException("a part of " + partWidth + " x " + partHeight + " at " + left + ", "
                    + top + " leaves a picture of " + width + " x " + height);
        }
        if (width == in.width() && height == in.height()) {
            return partWidth == width && partHeight == height ? in : in.crop(left, top, partWidth, partHeight);
        }
        Taps columns = new Taps(in.width(), width, left, partWidth);
        Taps rows = new Taps(in.height(), height, top, partHeight);
        return new Pixels(partWidth, partHeight, rows(in, columns, rows));
    }

    /**
     * Goes down the output's rows and keeps, in a ring, the narrowed input rows that the next output row needs; each input
     * row is narrowed once.
     */
    private static byte[] rows(Pixels in, Taps columns, Taps rows) {
        int stride = 3 * columns.count;
        byte[] out = new byte[stride * rows.count];
        int[][] ring = new int[rows.widest][stride];
        int[] sums = new int[stride];
        long[] pairs = new long[in.width()];
        int[] blues = new int[in.width()];
        int ready = rows.first[0];
        for (int y = 0; y < rows.count; y++) {
            int end = rows.first[y] + rows.taps[y];
            for (ready = Math.max(ready, rows.first[y]); ready < end; ready++) {
                narrow(in, ready, columns, pairs, blues, ring[ready % ring.length]);
            }
            Arrays.fill(sums, HALF);
            for (int t = 0; t < rows.taps[y]; t++) {
                addScaled(sums, ring[(rows.first[y] + t) % ring.length], rows.weights[y * rows.widest + t]);
            }
            for (int i = 0, o = y * stride; i < stride; i++, o++) {
                out[o] = (byte) clip(sums[i] >> BITS);
            }
        }
        return out;
    }

    /** sums += weight * row: a loop of its own so that the compiler turns it into vector instructions. */
    private static void addScaled(int[] sums, int[] row, int weight) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += weight * row[i];
        }
    }

    private static void narrow(Pixels in, int y, Taps columns, long[] pairs, int[] blues, int[] out) {
        byte[] rgb = in.rgb();
        int start = y * in.width() * 3;
        if (columns.plain) {
            int from = start + 3 * columns.first[0];
            for (int i = 0; i < out.length; i++) {
                out[i] = rgb[from + i] & 255;
            }
            return;
        }
        // Red and green travel in one 64-bit number: a product by a weight then serves both, and their sums part
        // exactly.
        for (int x = 0, p = start; x < in.width(); x++, p += 3) {
            pairs[x] = (long) (rgb[p] & 255) << 32 | rgb[p + 1] & 255;
            blues[x] = rgb[p + 2] & 255;
        }
        for (int x = 0, o = 0; x < columns.count; x++, o += 3) {
            weigh(pairs, blues, columns.first[x], columns.weights, x * columns.widest, columns.taps[x], out, o);
        }
    }

    private static void weigh(
            long[] pairs, int[] blues, int first, int[] weights, int from, int taps, int[] out, int o) {
        long redGreen = 0;
        int blue = HALF;
        for (int t = 0; t < taps; t++) {
            int weight = weights[from + t];
            redGreen += weight * pairs[first + t];
            blue += weight * blues[first + t];
        }
        int green = (int) redGreen;
        int red = (int) ((redGreen - green) >> 32);
        out[o] = clip(red + HALF >> BITS);
        out[o + 1] = clip(green + HALF >> BITS);
        out[o + 2] = clip(blue >> BITS);
    }

    private static int clip(int value) {
        return value < 0 ? 0 : Math.min(value, 255);
    }

    /** For each output position the first input position and the weights from there on. */
    private static final class Taps {
        final int count;
        final int widest;
        final int[] first;
        final int[] taps;
        final int[] weights;
        /** The side keeps its length: every output pixel is one input pixel. */
        final boolean plain;

        Taps(int from, int to, int start, int count) {
            double scale = (double) from / to;
            double stretch = Math.max(scale, 1);
            double reach = LOBES * stretch;
            this.count = count;
            this.plain = from == to;
            this.widest = plain ? 1 : (int) Math.ceil(reach) * 2 + 1;
            this.first = new int[count];
            this.taps = new int[count];
            this.weights = new int[count * widest];
            double[] exact = new double[widest];
            for (int i = 0; i < count; i++) {
                if (plain) {
                    first[i] = start + i;
                    taps[i] = 1;
                    weights[i] = 1 << BITS;
                    continue;
                }
                double centre = (start + i + 0.5) * scale;
                first[i] = Math.max((int) (centre - reach + 0.5), 0);
                taps[i] = Math.min((int) (centre + reach + 0.5), from) - first[i];
                double sum = 0;
                for (int t = 0; t < taps[i]; t++) {
                    exact[t] = lanczos((first[i] + t - centre + 0.5) / stretch);
                    sum += exact[t];
                }
                for (int t = 0; t < taps[i]; t++) {
                    weights[i * widest + t] = (int) Math.rint(exact[t] / sum * (1 << BITS));
                }
            }
        }

        private static double lanczos(double x) {
            return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
        }

        private static double sinc(double x) {
            return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
        }
    }
}
