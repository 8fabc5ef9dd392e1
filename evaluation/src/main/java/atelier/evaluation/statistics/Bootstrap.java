package atelier.evaluation.statistics;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * Intervals by drawing again with replacement (Efron, 1979). What is drawn are units that are independent of one another:
 * prompts, not pictures, since pictures of one prompt are alike.
 */
public final class Bootstrap {
    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    private final int[][] draws;
    private final double confidence;

    private Bootstrap(int[][] draws, double confidence) {
        if (!(confidence > 0 && confidence < 1)) {
            throw new IllegalArgumentException("confidence must lie between 0 and 1, got " + confidence);
        }
        this.draws = draws;
        this.confidence = confidence;
    }

    /**
     * Draws from a seed. The same draws serve all figures, so that differences of figures are those of one drawing.
     *
     * @param units how many there are
     * @param times how often all are drawn
     */
    public static Bootstrap of(int units, int times, double confidence, long seed) {
        if (units < 1 || times < 1) {
            throw new IllegalArgumentException("a bootstrap needs units and draws, got " + units + " and " + times);
        }
        SplittableRandom random = new SplittableRandom(seed);
        int[][] draws = new int[times][units];
        for (int[] draw : draws) {
            for (int i = 0; i < units; i++) {
                draw[i] = random.nextInt(units);
            }
        }
        return new Bootstrap(draws, confidence);
    }

    /** Takes draws made elsewhere. */
    static Bootstrap of(int[][] draws, double confidence) {
        return new Bootstrap(draws, confidence);
    }

    /**
     * The percentile interval: quantiles of the figure over the draws.
     *
     * @param figure of the units with the given numbers, some of them several times
     */
    public Interval percentile(ToDoubleFunction<int[]> figure) {
        double tail = (1 - confidence) / 2;
        double[] drawn = drawn(figure);
        return new Interval(figure.applyAsDouble(all()), Quantiles.of(drawn, tail), Quantiles.of(drawn, 1 - tail));
    }

    /** The percentile interval of a mean of one value a unit. */
    public Interval mean(double... values) {
        return percentile(units -> meanOf(values, units));
    }

    /**
     * The bias-corrected and accelerated interval (Efron, 1987), second-order right where the percentile interval leans:
     * z0 from the share of draws below the estimate, the acceleration from the jackknife's skewness.
     */
    public Interval biasCorrected(ToDoubleFunction<int[]> figure) {
        double value = figure.applyAsDouble(all());
        double[] drawn = drawn(figure);
        double below = Arrays.stream(drawn).filter(x -> x < value).count();
        double equal = Arrays.stream(drawn).filter(x -> x == value).count();
        double z0 = NORMAL.inverseCumulativeProbability((below + equal / 2) / drawn.length);
        double acceleration = acceleration(figure);
        double z = NORMAL.inverseCumulativeProbability((1 - confidence) / 2);
        return new Interval(
                value,
                Quantiles.of(drawn, corrected(z0, acceleration, z)),
                Quantiles.of(drawn, corrected(z0, acceleration, -z)));
    }

    private static double corrected(double z0, double acceleration, double z) {
        return NORMAL.cumulativeProbability(z0 + (z0 + z) / (1 - acceleration * (z0 + z)));
    }

    private double acceleration(ToDoubleFunction<int[]> figure) {
        int units = all().length;
        double[] left = new double[units];
        for (int out = 0; out < units; out++) {
            int[] others = new int[units - 1];
            for (int i = 0; i < others.length; i++) {
                others[i] = i < out ? i : i + 1;
            }
            left[out] = figure.applyAsDouble(others);
        }
        double mean = Arrays.stream(left).average().orElseThrow();
        double squares = Arrays.stream(left).map(x -> Math.pow(mean - x, 2)).sum();
        double cubes = Arrays.stream(left).map(x -> Math.pow(mean - x, 3)).sum();
        return squares == 0 ? 0 : cubes / (6 * Math.pow(squares, 1.5));
    }

    private double[] drawn(ToDoubleFunction<int[]> figure) {
        double[] drawn = new double[draws.length];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = figure.applyAsDouble(draws[i]);
        }
        return drawn;
    }

    private int[] all() {
        int[] all = new int[draws[0].length];
        Arrays.setAll(all, i -> i);
        return all;
    }

    static double meanOf(double[] values, int[] units) {
        double sum = 0;
        for (int unit : units) {
            sum += values[unit];
        }
        return sum / units.length;
    }
}
