package atelier.evaluation.statistics;

import org.apache.commons.statistics.distribution.BetaDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** Intervals of shares. */
public final class Rates {
    private Rates() {}

    /**
     * Wilson's score interval of a share (1927): it keeps its level for few cases and for shares of 0 or 1.
     *
     * @param hits of {@code cases}
     */
    public static Interval wilson(long hits, long cases, double confidence) {
        check(hits, cases);
        double z = NormalDistribution.of(0, 1).inverseCumulativeProbability((1 + confidence) / 2);
        double share = (double) hits / cases;
        double bend = 1 + z * z / cases;
        double centre = (share + z * z / (2 * cases)) / bend;
        double half = z / bend * Math.sqrt(share * (1 - share) / cases + z * z / (4.0 * cases * cases));
        return new Interval(share, Math.max(0, centre - half), Math.min(1, centre + half));
    }

    /** Clopper and Pearson's interval (1934): never too short. */
    public static Interval exact(long hits, long cases, double confidence) {
        check(hits, cases);
        double tail = (1 - confidence) / 2;
        double low = hits == 0
                ? 0
                : BetaDistribution.of((double) hits, cases - hits + 1.0).inverseCumulativeProbability(tail);
        double high = hits == cases
                ? 1
                : BetaDistribution.of(hits + 1.0, (double) (cases - hits)).inverseCumulativeProbability(1 - tail);
        return new Interval((double) hits / cases, low, high);
    }

    private static void check(long hits, long cases) {
        if (cases < 1 || hits < 0 || hits > cases) {
            throw new IllegalArgumentException(hits + " of " + cases + " is no share");
        }
    }
}
