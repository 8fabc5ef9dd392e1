package atelier.evaluation.statistics;

import java.util.Arrays;

/** Quantiles with linear interpolation between order statistics, NumPy's default. */
public final class Quantiles {
    private Quantiles() {}

    /**
     * The quantile at a share from 0 to 1.
     *
     * @param values in any order; they stay as they are
     */
    public static double of(double[] values, double share) {
        if (values.length == 0) {
            throw new IllegalArgumentException("a quantile needs at least one value");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double place = Math.min(Math.max(share, 0), 1) * (sorted.length - 1);
        int below = (int) Math.floor(place);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /** The middle value. */
    public static double median(double... values) {
        return of(values, 0.5);
    }
}
