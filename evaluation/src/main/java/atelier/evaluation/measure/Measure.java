package atelier.evaluation.measure;

import atelier.evaluation.statistics.Bootstrap;
import atelier.evaluation.statistics.Interval;
import atelier.evaluation.statistics.PairedTest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One figure at several strengths of the adapter.
 *
 * @param key its name in report.json and in limits
 * @param title its name for people
 * @param meaning what it is, in a sentence
 * @param better which way is better
 * @param arms one a strength, the base (0) first
 * @param change full strength less base; null where no arm has units
 * @param p two-sided, of the change being none, by sign flips over units; null where no arm has units
 */
public record Measure(
        String key,
        String title,
        String meaning,
        Better better,
        List<Arm> arms,
        @Nullable Interval change,
        @Nullable Double p) {
    public Measure {
        arms = List.copyOf(arms);
    }

    /** Which way a figure should go. */
    public enum Better {
        HIGHER,
        LOWER,
        /** It says what happened; neither way is better in itself. */
        NEITHER
    }

    /**
     * The figure at one strength.
     *
     * @param strength of the adapter
     * @param interval over units
     * @param units one value a prompt or picture, in an order that all strengths share; empty where the figure is one of the
     *     whole set
     */
    public record Arm(double strength, Interval interval, List<Double> units) {
        public Arm {
            units = List.copyOf(units);
        }
    }

    /**
     * A mean over units, which are drawn again for its intervals.
     *
     * @param values units of each strength
     */
    public static Measure ofUnits(
            String key,
            String title,
            String meaning,
            Better better,
            List<Double> strengths,
            List<double[]> values,
            Resampling resampling) {
        Bootstrap bootstrap =
                Bootstrap.of(values.get(0).length, resampling.draws(), resampling.confidence(), resampling.seed());
        List<Arm> arms = new ArrayList<>();
        for (int i = 0; i < strengths.size(); i++) {
            arms.add(new Arm(strengths.get(i), bootstrap.mean(values.get(i)), boxed(values.get(i))));
        }
        double[] difference = differences(values.get(0), values.get(values.size() - 1));
        return new Measure(
                key,
                title,
                meaning,
                better,
                arms,
                bootstrap.mean(difference),
                PairedTest.signFlips(difference, resampling.seed()));
    }

    /** The mean of units by itself. */
    static Interval interval(double[] units, Resampling resampling) {
        return Bootstrap.of(units.length, resampling.draws(), resampling.confidence(), resampling.seed())
                .mean(units);
    }

    /** A figure of whole sets. */
    public static Measure ofSets(
            String key, String title, String meaning, Better better, List<Double> strengths, List<Interval> intervals) {
        List<Arm> arms = new ArrayList<>();
        for (int i = 0; i < strengths.size(); i++) {
            arms.add(new Arm(strengths.get(i), intervals.get(i), List.of()));
        }
        return new Measure(key, title, meaning, better, arms, null, null);
    }

    /** How intervals are drawn. */
    public record Resampling(int draws, double confidence, long seed) {}

    /** At strength 0. */
    public Arm base() {
        return arms.get(0);
    }

    /** At full strength. */
    public Arm adapted() {
        return arms.get(arms.size() - 1);
    }

    /** Whether the change is surely one for the better; false where it is unsure or neither way is better. */
    public boolean improved() {
        return better == Better.HIGHER && change != null && change.low() > 0
                || better == Better.LOWER && change != null && change.high() < 0;
    }

    /** Whether the change is surely one for the worse. */
    public boolean worsened() {
        return better == Better.HIGHER && change != null && change.high() < 0
                || better == Better.LOWER && change != null && change.low() > 0;
    }

    static double[] differences(double[] before, double[] after) {
        double[] difference = new double[before.length];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = after[i] - before[i];
        }
        return difference;
    }

    private static List<Double> boxed(double[] values) {
        List<Double> boxed = new ArrayList<>();
        for (double value : values) {
            boxed.add(value);
        }
        return boxed;
    }
}
