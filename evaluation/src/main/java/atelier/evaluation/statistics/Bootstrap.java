package atelier.evaluation.statistics;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Intervals by drawing again with replacement (Efron, 1979). What is drawn are units that are independent of one another:
 * prompts, not pictures, since pictures of one prompt are alike.
 */
public final class Bootstrap {
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
