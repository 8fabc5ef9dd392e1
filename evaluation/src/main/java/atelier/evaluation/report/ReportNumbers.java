package atelier.evaluation.report;

import atelier.evaluation.measure.Measure;
import atelier.evaluation.measure.Verdicts;
import java.util.Locale;

/** Figures of reports as text. */
public final class ReportNumbers {
    private ReportNumbers() {}

    /** About three figures; a dash for NaN. */
    public static String of(double value) {
        if (Double.isNaN(value)) {
            return "–";
        }
        double size = Math.abs(value);
        String form = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 0.1 || size == 0 ? "%.3f" : "%.2g";
        return String.format(Locale.ROOT, form, value);
    }

    /** Which direction is better. */
    public static String arrow(Measure measure) {
        return switch (measure.better()) {
            case HIGHER -> " ↑";
            case LOWER -> " ↓";
            case NEITHER -> "";
        };
    }

    /** A state's name in the style sheet. */
    public static String label(Verdicts.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
