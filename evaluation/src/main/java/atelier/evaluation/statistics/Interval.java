package atelier.evaluation.statistics;

import java.util.Locale;

/**
 * A figure and where it may lie.
 *
 * @param value the estimate
 * @param low the interval's lower end
 * @param high the interval's upper end
 */
public record Interval(double value, double low, double high) {
    /** Whether the interval leaves the number out. */
    public boolean excludes(double number) {
        return number < low || number > high;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.4g [%.4g, %.4g]", value, low, high);
    }
}
