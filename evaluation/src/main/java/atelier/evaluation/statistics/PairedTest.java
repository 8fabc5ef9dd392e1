package atelier.evaluation.statistics;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Tests whether paired differences are centred on nothing, by exchanging signs (Fisher, 1935): under the hypothesis each
 * difference could as well have had the other sign.
 */
public final class PairedTest {
    /** Up to so many differences all sign patterns are counted. */
    private static final int EXACT = 16;

    private static final int DRAWS = 9_999;
    /** Sums that differ by rounding are the same sum. */
    private static final double ROUNDING = 1e-12;

    private PairedTest() {}

    /**
     * The two-sided p-value of the mean difference: exact for up to 16 differences, else of 9,999 random patterns, the
     * observed one counted in, so that it is never 0.
     */
    public static double signFlips(double[] differences, long seed) {
        if (differences.length == 0) {
            throw new IllegalArgumentException("a paired test needs at least one pair");
        }
        double observed = Math.abs(Arrays.stream(differences).sum());
        double limit =
                observed - ROUNDING * Arrays.stream(differences).map(Math::abs).sum();
        if (differences.length <= EXACT) {
            int patterns = 1 << differences.length;
            int extreme = 0;
            for (int pattern = 0; pattern < patterns; pattern++) {
                if (Math.abs(flipped(differences, pattern)) >= limit) {
                    extreme++;
                }
            }
            return (double) extreme / patterns;
        }
        SplittableRandom random = new SplittableRandom(seed);
        int extreme = 1;
        for (int draw = 0; draw < DRAWS; draw++) {
            double sum = 0;
            for (double difference : differences) {
                sum += random.nextBoolean() ? difference : -difference;
            }
            if (Math.abs(sum) >= limit) {
                extreme++;
            }
        }
        return extreme / (DRAWS + 1.0);
    }

    private static double flipped(double[] differences, int pattern) {
        double sum = 0;
        for (int i = 0; i < differences.length; i++) {
            sum += (pattern >> i & 1) == 0 ? differences[i] : -differences[i];
        }
        return sum;
    }

    /** Holm's step-down correction (1979) for several tests at once, in their order. */
    public static double[] holm(double... values) {
        Integer[] order = new Integer[values.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(values[a], values[b]));
        double[] corrected = new double[values.length];
        double largest = 0;
        for (int rank = 0; rank < order.length; rank++) {
            largest = Math.max(largest, Math.min(1, (values.length - rank) * values[order[rank]]));
            corrected[order[rank]] = largest;
        }
        return corrected;
    }
}
