package atelier.studio.page;

import atelier.studio.run.Metrics;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Curves over steps, and the same as a table.
 *
 * @param title what is shown
 * @param first the first step
 * @param last the last step
 * @param curves the first is drawn lowest
 * @param heights labels from the top down, evenly spaced
 * @param steps labels from the left, evenly spaced
 * @param head the table's columns
 * @param rows the table's rows, at most {@value #ROWS}
 */
public record Chart(
        String title,
        long first,
        long last,
        List<Curve> curves,
        List<String> heights,
        List<String> steps,
        List<String> head,
        List<List<String>> rows) {
    /** Of the drawing, in its own units; it is stretched to the place that it gets. */
    public static final int WIDTH = 1000;

    public static final int HEIGHT = 300;
    private static final int ROWS = 40;
    private static final int LINES = 4;

    /**
     * A curve.
     *
     * @param run whose figures it shows
     * @param column of these
     * @param name for the legend
     * @param style its class in the style sheet
     * @param path as SVG has it; a point of its own for every value where {@code dots}
     * @param dots as SVG has it; empty for a line without marks
     * @param last its last value
     */
    public record Curve(String run, String column, String name, String style, String path, String dots, String last) {}

    /**
     * What a curve is made of.
     *
     * @param run whose figures it shows
     * @param column of these
     * @param name for the legend
     * @param style its class in the style sheet
     * @param points pairs of step and value, without gaps
     * @param marked whether each value gets a mark
     */
    public record Source(String run, String column, String name, String style, List<double[]> points, boolean marked) {
        /** A column of a run's figures; values that a step lacks are left out. */
        public static Source column(
                String run, Metrics metrics, String column, String name, String style, boolean marked) {
            int at = metrics.columns().indexOf(column);
            return new Source(
                    run,
                    column,
                    name,
                    style,
                    at < 0
                            ? List.of()
                            : metrics.rows().stream()
                                    .filter(row -> Double.isFinite(row[at]))
                                    .map(row -> new double[] {row[0], row[at]})
                                    .toList(),
                    marked);
        }
    }

    public Chart {
        curves = List.copyOf(curves);
    }

    /** Whether there is nothing to draw yet. */
    public boolean isEmpty() {
        return curves.isEmpty();
    }

    /**
     * Draws curves; those without a point are left out.
     *
     * @param title what is shown
     * @param sources the first is drawn lowest
     */
    public static Chart of(String title, List<Source> sources) {
        List<Source> drawn =
                sources.stream().filter(source -> !source.points().isEmpty()).toList();
        double[] values = drawn.stream()
                .flatMap(source -> source.points().stream())
                .mapToDouble(point -> point[1])
                .sorted()
                .toArray();
        if (values.length == 0) {
            return new Chart(title, 0, 0, List.of(), List.of(), List.of(), List.of(), List.of());
        }
        // A few outliers of the raw loss would press everything else flat.
        double high = values.length > 50 ? values[(int) (values.length * 0.98)] : values[values.length - 1];
        double low = Math.min(values[0], high);
        double unit = unit(Math.max(high - low, Math.abs(high) * 1e-3 + 1e-12));
        low = Math.floor(low / unit) * unit;
        high = low + unit * LINES * Math.ceil((high - low) / unit / LINES);
        double first = drawn.stream()
                .mapToDouble(source -> source.points().get(0)[0])
                .min()
                .orElse(0);
        double last = drawn.stream()
                .mapToDouble(source -> source.points().get(source.points().size() - 1)[0])
                .max()
                .orElse(1);
        List<Curve> curves = new ArrayList<>();
        for (Source source : drawn) {
            curves.add(curve(source, first, last, low, high));
        }
        double bottom = low;
        double top = high;
        return new Chart(
                title,
                (long) first,
                (long) last,
                curves,
                IntStream.rangeClosed(0, LINES)
                        .mapToObj(i -> label(top - i * (top - bottom) / LINES))
                        .toList(),
                last == first
                        ? List.of(Words.count((long) first))
                        : IntStream.rangeClosed(0, LINES)
                                .mapToObj(i -> Words.count(Math.round(first + i * (last - first) / LINES)))
                                .distinct()
                                .toList(),
                head(drawn),
                rows(drawn));
    }

    /** A round number near a quarter of the range. */
    private static double unit(double range) {
        double raw = range / LINES;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double lead = raw / power;
        return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
    }

    private static String label(double value) {
        double size = Math.abs(value);
        if (size < 1e-12) {
            return "0";
        }
        return size < 1e-3
                ? String.format(Locale.ROOT, "%.1e", value)
                : BigDecimal.valueOf(value)
                        .round(new MathContext(3))
                        .stripTrailingZeros()
                        .toPlainString();
    }

    private static Curve curve(Source source, double first, double last, double low, double high) {
        StringBuilder path = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        for (double[] point : source.points()) {
            double x = last == first ? WIDTH / 2.0 : (point[0] - first) / (last - first) * WIDTH;
            double y = Math.max(0, (high - point[1]) / (high - low) * HEIGHT);
            String at = String.format(Locale.ROOT, "%.1f %.1f", x, y);
            path.append(path.isEmpty() ? "M" : "L").append(at);
            if (source.marked() || source.points().size() == 1) {
                dots.append('M').append(at).append("h0");
            }
        }
        return new Curve(
                source.run(),
                source.column(),
                source.name(),
                source.style(),
                path.toString(),
                dots.toString(),
                Words.figure(source.points().get(source.points().size() - 1)[1]));
    }

    private static List<String> head(List<Source> sources) {
        List<String> head = new ArrayList<>(List.of("step"));
        sources.forEach(source -> head.add(source.name()));
        return head;
    }

    /** Steps evenly spaced, and every step of a curve that has marks. */
    private static List<List<String>> rows(List<Source> sources) {
        double[] steps = sources.stream()
                .flatMap(source -> source.points().stream())
                .mapToDouble(point -> point[0])
                .sorted()
                .distinct()
                .toArray();
        double[] marks = sources.stream()
                .filter(Source::marked)
                .flatMap(source -> source.points().stream())
                .mapToDouble(point -> point[0])
                .sorted()
                .distinct()
                .toArray();
        double[] shown = marks.length > 1 && marks.length <= ROWS ? marks : steps;
        int every = Math.max(1, (shown.length + ROWS - 1) / ROWS);
        List<List<String>> rows = new ArrayList<>();
        for (int i = shown.length - 1; i >= 0; i -= every) {
            double step = shown[i];
            List<String> row = new ArrayList<>(List.of(Words.count((long) step)));
            for (Source source : sources) {
                row.add(source.points().stream()
                        .filter(point -> point[0] == step)
                        .map(point -> Words.figure(point[1]))
                        .findFirst()
                        .orElse("–"));
            }
            rows.add(row);
        }
        return rows;
    }
}
