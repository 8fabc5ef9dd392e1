package atelier.evaluation.measure;

import atelier.common.error.WrongCommandException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of a figure: {@code style.share >= 0.5} at full strength, or {@code kid change <= 0.01} against the first
 * of several runs.
 *
 * @param key the figure's
 * @param change whether the difference from the first run is meant
 * @param atLeast whether the figure must not be less; else it must not be more
 * @param bound that it is compared with
 */
public record Limit(String key, boolean change, boolean atLeast, double bound) {
    private static final Pattern FORM =
            Pattern.compile("\\s*([a-z0-9_.]+)(\\s+change)?\\s*(>=|<=)\\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\\s*");

    /** Reads a limit. */
    public static Limit parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new WrongCommandException("evaluation.limits holds '" + text
                    + "'; a limit reads \"style.share >= 0.5\" or \"kid change <= 0.01\"");
        }
        return new Limit(
                matcher.group(1),
                matcher.group(2) != null,
                matcher.group(3).equals(">="),
                Double.parseDouble(matcher.group(4)));
    }

    /**
     * What is broken, in a sentence; null where the limit holds or is about a change and there is no first run.
     *
     * @param figures at full strength, by key
     * @param first the first run's; null where there is one run
     * @throws WrongCommandException if there is no such figure
     */
    public @Nullable String broken(Map<String, Double> figures, @Nullable Map<String, Double> first) {
        if (change && first == null) {
            return null;
        }
        double value = figure(figures);
        if (change && first != null) {
            value -= figure(first);
        }
        boolean holds = atLeast ? value >= bound : value <= bound;
        return holds
                ? null
                : String.format(
                        Locale.ROOT,
                        "%s%s is %s and must be at %s %s",
                        key,
                        change ? " (change)" : "",
                        written(value),
                        atLeast ? "least" : "most",
                        written(bound));
    }

    /** Four significant figures, without zeros at the end. */
    private static String written(double value) {
        return Double.isFinite(value)
                ? new BigDecimal(value, new MathContext(4)).stripTrailingZeros().toPlainString()
                : String.valueOf(value);
    }

    private double figure(Map<String, Double> figures) {
        Double value = figures.get(key);
        if (value == null) {
            throw new WrongCommandException(
                    "evaluation.limits names the figure " + key + "; there are " + figures.keySet());
        }
        return value;
    }
}
