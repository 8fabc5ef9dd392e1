package atelier.common.image;

import java.awt.image.BufferedImage;
import java.util.function.DoubleUnaryOperator;

/**
 * Resampling as Pillow does it, to the last bit: filters are widened when a picture shrinks, weights are integers of 22
 * bits, and values between the two passes have eight.
 */
public final class Resample {
    private static final int LOBES = 3;
    private static final int BITS = 22;

    private Resample() {}

    /** A filter: its reach to both sides, and its value there. */
    private record Filter(int reach, DoubleUnaryOperator value) {}

    private static final Filter LANCZOS = new Filter(LOBES, Resample::lanczos);
    private static final Filter BICUBIC = new Filter(2, Resample::cubic);
    private static final Filter BILINEAR = new Filter(1, x -> Math.max(0, 1 - Math.abs(x)));

    /** By Lanczos' filter with three lobes. */
    public static BufferedImage to(BufferedImage picture, int width, int height) {
        return to(picture, width, height, LANCZOS);
    }

    /** By the cubic filter of Keys with a = -1/2. */
    public static BufferedImage bicubic(BufferedImage picture, int width, int height) {
        return to(picture, width, height, BICUBIC);
    }

    /** By the triangular filter. */
    public static BufferedImage bilinear(BufferedImage picture, int width, int height) {
        return to(picture, width, height, BILINEAR);
    }

    private static BufferedImage to(BufferedImage picture, int width, int height, Filter filter) {
        if (picture.getWidth() == width && picture.getHeight() == height) {
            return picture;
        }
        return vertically(horizontally(picture, width, filter), height, filter);
    }

    private static double lanczos(double x) {
        return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    private static double cubic(double x) {
        double d = Math.abs(x);
        if (d < 1) {
            return (1.5 * d - 2.5) * d * d + 1;
        }
        return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
    }

    private static BufferedImage horizontally(BufferedImage picture, int width, Filter filter) {
        BufferedImage result = new BufferedImage(width, picture.getHeight(), BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < width; x++) {
            Weights weights = Weights.of(x, picture.getWidth(), width, filter);
            for (int y = 0; y < picture.getHeight(); y++) {
                int[] sums = {1 << (BITS - 1), 1 << (BITS - 1), 1 << (BITS - 1)};
                for (int k = 0; k < weights.values.length; k++) {
                    add(sums, picture.getRGB(weights.first + k, y), weights.values[k]);
                }
                result.setRGB(x, y, rgb(sums));
            }
        }
        return result;
    }

    private static BufferedImage vertically(BufferedImage picture, int height, Filter filter) {
        BufferedImage result = new BufferedImage(picture.getWidth(), height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            Weights weights = Weights.of(y, picture.getHeight(), height, filter);
            for (int x = 0; x < picture.getWidth(); x++) {
                int[] sums = {1 << (BITS - 1), 1 << (BITS - 1), 1 << (BITS - 1)};
                for (int k = 0; k < weights.values.length; k++) {
                    add(sums, picture.getRGB(x, weights.first + k), weights.values[k]);
                }
                result.setRGB(x, y, rgb(sums));
            }
        }
        return result;
    }

    private static void add(int[] sums, int rgb, int weight) {
        sums[0] += weight * ((rgb >> 16) & 0xff);
        sums[1] += weight * ((rgb >> 8) & 0xff);
        sums[2] += weight * (rgb & 0xff);
    }

    private static int rgb(int[] sums) {
        int rgb = 0;
        for (int sum : sums) {
            rgb = rgb << 8 | Math.max(0, Math.min(255, sum >> BITS));
        }
        return rgb;
    }

    /** What the source pixels from {@code first} on add to one pixel. */
    private static final class Weights {
        private final int first;
        private final int[] values;

        private Weights(int first, int[] values) {
            this.first = first;
            this.values = values;
        }

        static Weights of(int at, int from, int to, Filter filter) {
            double scale = (double) from / to;
            double wide = Math.max(scale, 1);
            double centre = (at + 0.5) * scale;
            int first = Math.max(0, (int) (centre - filter.reach() * wide + 0.5));
            int last = Math.min(from, (int) (centre + filter.reach() * wide + 0.5));
            double[] values = new double[last - first];
            double sum = 0;
            for (int k = 0; k < values.length; k++) {
                values[k] = filter.value().applyAsDouble((first + k - centre + 0.5) / wide);
                sum += values[k];
            }
            int[] rounded = new int[values.length];
            for (int k = 0; k < values.length; k++) {
                rounded[k] = (int) Math.rint(values[k] / sum * (1 << BITS));
            }
            return new Weights(first, rounded);
        }
    }
}
