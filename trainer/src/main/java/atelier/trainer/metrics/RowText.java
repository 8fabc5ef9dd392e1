package atelier.trainer.metrics;

import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** A row's figures as people read them. */
final class RowText {
    private RowText() {}

    /** {@code loss 0.1234  lr 1.0e-04  3.4 images/s  812 MiB}. */
    static String brief(MetricRow row) {
        StringJoiner text = new StringJoiner("  ");
        add(text, "loss %.4f", row.figure(MetricRow.LOSS));
        add(text, "validation %.4f", row.figure(MetricRow.VALIDATION));
        add(text, "lr %.2e", row.figure(MetricRow.LEARNING_RATE));
        add(text, "%.2f images/s", row.figure(MetricRow.IMAGES_PER_SECOND));
        add(text, "%.0f MiB", row.figure(MetricRow.RESIDENT_MIB));
        add(text, "GPU %.0f MiB", row.figure(MetricRow.GPU_USED_MIB));
        return text.toString();
    }

    private static void add(StringJoiner text, String format, double figure) {
        // A NaN loss is news; a figure that is not there is not shown.
        if (!Double.isNaN(figure) || format.startsWith("loss")) {
            text.add(String.format(Locale.ROOT, format, figure));
        }
    }

    /** Every figure, {@code name=value}. */
    static String whole(MetricRow row) {
        StringJoiner text = new StringJoiner(" ");
        for (Map.Entry<String, Double> figure : row.figures().entrySet()) {
            text.add(figure.getKey() + "=" + String.format(Locale.ROOT, "%.6g", figure.getValue()));
        }
        return text.toString();
    }

    /** {@code 1:02:03}, or {@code 2:03} under an hour. */
    static String time(double seconds) {
        long whole = Math.round(seconds);
        return whole >= 3600
                ? String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
    }
}
