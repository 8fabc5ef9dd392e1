package atelier.evaluation.report;

import atelier.evaluation.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Intervals on one axis, a row a thing, a colour a series: an SVG element of its own. */
final class IntervalPlot {
    private static final List<String> COLOURS = List.of("#9aa0a6", "#e8a33d", "#c2410c", "#7c3aed", "#0f766e");
    private static final int LEFT = 150;
    private static final int WIDTH = 640;
    private static final int LINE = 15;
    private static final int GAP = 14;
    private static final int AXIS = 34;

    private final List<String> series;
    private final String unit;
    private final List<Row> rows = new ArrayList<>();

    private record Row(String name, List<Interval> intervals) {}

    /**
     * @param series names of each row's intervals
     * @param unit under the axis
     */
    IntervalPlot(List<String> series, String unit) {
        this.series = series;
        this.unit = unit;
    }

    IntervalPlot row(String name, List<Interval> intervals) {
        rows.add(new Row(name, intervals));
        return this;
    }

    /** The svg element. */
    String svg() {
        double low = rows.stream()
                .flatMap(row -> row.intervals().stream())
                .mapToDouble(Interval::low)
                .min()
                .orElse(0);
        double high = rows.stream()
                .flatMap(row -> row.intervals().stream())
                .mapToDouble(Interval::high)
                .max()
                .orElse(1);
        double margin = Math.max((high - low) * 0.06, 1e-9);
        Scale scale = new Scale(low - margin, high + margin);
        int rowHeight = LINE * series.size() + GAP;
        int bottom = 22 + rows.size() * rowHeight;
        StringBuilder out = new StringBuilder();
        out.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" class=\"plot\">",
                LEFT + WIDTH + 20,
                bottom + AXIS));
        legend(out);
        axis(out, scale, bottom);
        for (int r = 0; r < rows.size(); r++) {
            int top = 22 + r * rowHeight;
            out.append(String.format(
                    Locale.ROOT,
                    "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>",
                    LEFT - 10,
                    top + GAP / 2 + LINE * series.size() / 2 + 4,
                    Html.escaped(rows.get(r).name())));
            for (int s = 0; s < rows.get(r).intervals().size(); s++) {
                whisker(out, scale, rows.get(r).intervals().get(s), top + GAP / 2 + LINE * s + LINE / 2, s);
            }
        }
        return out.append("</svg>\n").toString();
    }

    private void legend(StringBuilder out) {
        int x = LEFT;
        for (int s = 0; s < series.size(); s++) {
            out.append(String.format(
                    Locale.ROOT,
                    "<circle cx=\"%d\" cy=\"9\" r=\"4.5\" fill=\"%s\"/><text x=\"%d\" y=\"13\">%s</text>",
                    x + 5,
                    COLOURS.get(s % COLOURS.size()),
                    x + 14,
                    Html.escaped(series.get(s))));
            x += 34 + 7 * series.get(s).length();
        }
    }

    private void axis(StringBuilder out, Scale scale, int bottom) {
        for (double tick : scale.ticks()) {
            out.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%1$.1f\" y1=\"20\" x2=\"%1$.1f\" y2=\"%2$d\" stroke=\"#e5e5e5\"/>"
                            + "<text x=\"%1$.1f\" y=\"%3$d\" text-anchor=\"middle\" class=\"tick\">%4$s</text>",
                    scale.x(tick),
                    bottom,
                    bottom + 14,
                    Html.number(tick)));
        }
        out.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" class=\"tick\">%s</text>",
                LEFT + WIDTH / 2,
                bottom + 29,
                Html.escaped(unit)));
    }

    private static void whisker(StringBuilder out, Scale scale, Interval interval, int y, int s) {
        String colour = COLOURS.get(s % COLOURS.size());
        out.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%4$d\" y2=\"%4$d\" stroke=\"%3$s\" stroke-width=\"2.5\"/>",
                scale.x(interval.low()),
                scale.x(interval.high()),
                colour,
                y));
        out.append(String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%d\" r=\"4.5\" fill=\"%s\"><title>%s</title></circle>",
                scale.x(interval.value()),
                y,
                colour,
                Html.escaped(interval.toString())));
    }

    private record Scale(double low, double high) {
        double x(double value) {
            return LEFT + (value - low) / (high - low) * WIDTH;
        }

        /** About six round numbers. */
        List<Double> ticks() {
            double rough = (high - low) / 6;
            double power = Math.pow(10, Math.floor(Math.log10(rough)));
            double step = rough / power < 1.5 ? power : rough / power < 3.5 ? 2 * power : 5 * power;
            List<Double> ticks = new ArrayList<>();
            for (double tick = Math.ceil(low / step) * step; tick <= high; tick += step) {
                ticks.add(Math.abs(tick) < step / 1e6 ? 0 : tick);
            }
            return ticks;
        }
    }
}
