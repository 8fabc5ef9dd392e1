package atelier.evaluation.report;

import atelier.evaluation.statistics.Interval;
import java.util.ArrayList;
import java.util.List;

/**
 * Intervals on one axis, a row a thing, a colour a series. Places are in the drawing's own units.
 *
 * @param series names of each row's intervals
 * @param unit under the axis
 */
public record IntervalPlot(List<String> series, String unit, List<Row> rows) {
    private static final List<String> COLOURS = List.of("#8a9098", "#c98a1e", "#d1571f", "#8b5cf6", "#0f8a80");
    private static final int LEFT = 150;
    private static final int WIDTH = 640;
    private static final int LINE = 15;
    private static final int GAP = 14;
    private static final int TOP = 22;
    private static final int AXIS = 34;

    /** A thing with an interval for each series. */
    public record Row(String name, List<Interval> intervals) {}

    /** A coloured dot with a name. */
    public record Mark(int x, int y, String colour, String text) {}

    /** A place on the axis. */
    public record Tick(double x, String text) {}

    /** A row's name. */
    public record Label(int x, int y, String text) {}

    /** An interval with its value. */
    public record Whisker(double low, double value, double high, int y, String colour, String text) {}

    public int width() {
        return LEFT + WIDTH + 20;
    }

    public int height() {
        return bottom() + AXIS;
    }

    /** Where the axis is. */
    public int bottom() {
        return TOP + rows.size() * rowHeight();
    }

    /** The axis's middle. */
    public int middle() {
        return LEFT + WIDTH / 2;
    }

    private int rowHeight() {
        return LINE * series.size() + GAP;
    }

    public List<Mark> legend() {
        List<Mark> legend = new ArrayList<>();
        int x = LEFT;
        for (int s = 0; s < series.size(); s++) {
            legend.add(new Mark(x + 5, 9, colour(s), series.get(s)));
            x += 34 + 7 * series.get(s).length();
        }
        return legend;
    }

    public List<Tick> ticks() {
        Scale scale = scale();
        return scale.ticks().stream()
                .map(tick -> new Tick(scale.x(tick), ReportNumbers.of(tick)))
                .toList();
    }

    public List<Label> labels() {
        List<Label> labels = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            int y = TOP + r * rowHeight() + GAP / 2 + LINE * series.size() / 2 + 4;
            labels.add(new Label(LEFT - 10, y, rows.get(r).name()));
        }
        return labels;
    }

    public List<Whisker> whiskers() {
        Scale scale = scale();
        List<Whisker> whiskers = new ArrayList<>();
        for (int r = 0; r < rows.size(); r++) {
            List<Interval> intervals = rows.get(r).intervals();
            for (int s = 0; s < intervals.size(); s++) {
                Interval interval = intervals.get(s);
                whiskers.add(new Whisker(
                        scale.x(interval.low()),
                        scale.x(interval.value()),
                        scale.x(interval.high()),
                        TOP + r * rowHeight() + GAP / 2 + LINE * s + LINE / 2,
                        colour(s),
                        interval.toString()));
            }
        }
        return whiskers;
    }

    private static String colour(int series) {
        return COLOURS.get(series % COLOURS.size());
    }

    private Scale scale() {
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
        return new Scale(low - margin, high + margin);
    }

    private record Scale(double low, double high) {
        /** In tenths, which are less than a pixel. */
        double x(double value) {
            return Math.rint(10 * (LEFT + (value - low) / (high - low) * WIDTH)) / 10;
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
