package atelier.evaluation.metric;

import atelier.evaluation.statistics.Interval;
import atelier.evaluation.statistics.Quantiles;
import atelier.evaluation.statistics.Vectors;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The squared maximum mean discrepancy of two sets of features, by the unbiased U-statistic (Gretton et al., 2012): 0 in
 * expectation where both come from one distribution, so single figures may be negative.
 */
public final class KernelDistance {
    private KernelDistance() {}

    /** A kernel of two feature vectors. */
    @FunctionalInterface
    public interface Kernel {
        double of(float[] a, float[] b);
    }

    /** (a . b / width + 1)^3: the kernel of KID (Binkowski et al., 2018). */
    public static final Kernel POLYNOMIAL = (a, b) -> Math.pow(Vectors.dot(a, b) / a.length + 1, 3);

    /** The U-statistic of all of both sets, each of at least two. */
    public static double of(float[][] x, float[][] y, Kernel kernel) {
        if (x.length < 2 || y.length < 2) {
            throw new IllegalArgumentException(
                    "a kernel distance needs two pictures on each side, got " + x.length + " and " + y.length);
        }
        return within(x, kernel) + within(y, kernel) - 2 * between(x, y, kernel);
    }

    /**
     * The mean over random subsets, and the middle 95 % of their values: KID as it is reported.
     *
     * @param size pictures of each side in a subset; the smaller side's number where that is less
     */
    public static Interval subsets(float[][] x, float[][] y, Kernel kernel, int size, int subsets, long seed) {
        int own = Math.min(size, Math.min(x.length, y.length));
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[subsets];
        for (int i = 0; i < subsets; i++) {
            values[i] = of(drawn(x, own, random), drawn(y, own, random), kernel);
        }
        double mean = Arrays.stream(values).average().orElseThrow();
        return new Interval(mean, Quantiles.of(values, 0.025), Quantiles.of(values, 0.975));
    }

    private static float[][] drawn(float[][] from, int size, SplittableRandom random) {
        float[][] rest = from.clone();
        for (int i = 0; i < size; i++) {
            int at = i + random.nextInt(rest.length - i);
            float[] swapped = rest[i];
            rest[i] = rest[at];
            rest[at] = swapped;
        }
        return Arrays.copyOf(rest, size);
    }

    private static double within(float[][] x, Kernel kernel) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < i; j++) {
                sum += 2 * kernel.of(x[i], x[j]);
            }
        }
        return sum / ((double) x.length * (x.length - 1));
    }

    private static double between(float[][] x, float[][] y, Kernel kernel) {
        double sum = 0;
        for (float[] a : x) {
            for (float[] b : y) {
                sum += kernel.of(a, b);
            }
        }
        return sum / ((double) x.length * y.length);
    }
}
