package atelier.evaluation.audit.detect;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * The score above which a detector flags a picture, from scores of pictures that cannot be memorised. Each group of such
 * scores (the base model's, the held-out pictures') gives a bound: the value that one further score of a normal sample
 * exceeds with a given probability, mean + t sd sqrt(1 + 1/n), and no less than the highest score seen. The highest
 * bound counts.
 *
 * @param value the threshold; infinite without any scores, so that nothing is flagged on no evidence
 * @param mean of the scores of the group that gave it
 * @param count scores of all groups
 */
public record Threshold(double value, double mean, int count) {
    /** No threshold, for want of evidence: nothing is above it. */
    static final Threshold NONE = new Threshold(Double.POSITIVE_INFINITY, Double.NaN, 0);
    /** Fewer say too little about a spread. */
    public static final int FEWEST = 8;

    /**
     * @param level the probability of a false alarm that a group's bound allows, such as 0.001
     * @param groups scores of pictures that cannot be memorised; groups of fewer than eight are left out
     */
    public static Threshold of(double level, List<double[]> groups) {
        double value = Double.NEGATIVE_INFINITY;
        double mean = Double.NaN;
        int count = 0;
        for (double[] group : groups) {
            if (group.length < FEWEST) {
                continue;
            }
            double own = Math.max(Arrays.stream(group).max().orElseThrow(), bound(level, group));
            if (own > value) {
                value = own;
                mean = Arrays.stream(group).average().orElseThrow();
            }
            count += group.length;
        }
        return count == 0 ? NONE : new Threshold(value, mean, count);
    }

    private static double bound(double level, double[] scores) {
        int n = scores.length;
        double mean = Arrays.stream(scores).average().orElseThrow();
        double squares = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).sum();
        double quantile = TDistribution.of(n - 1).inverseSurvivalProbability(level);
        return mean + quantile * Math.sqrt(squares / (n - 1) * (1 + 1.0 / n));
    }

    /** Where a score lies: 0 at the mean of what cannot be memorised, 1 at the threshold; 0 without a threshold. */
    public double margin(double score) {
        return count == 0 || value == mean ? 0 : (score - mean) / (value - mean);
    }

    /** Whether a score is above it. */
    public boolean flags(double score) {
        return score > value;
    }
}
