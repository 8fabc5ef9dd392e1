package atelier.cli.command;

import atelier.trainer.metrics.MetricRow;
import atelier.trainer.metrics.MetricSink;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a run's figures come to, for the table that ranks a sweep's runs: the least validation loss, whose adapter is
 * kept, and the mean loss of the last steps. */
final class RunFigures implements MetricSink {
    /** Loss differs much from step to step with the timesteps drawn. */
    private static final int LAST = 50;

    private final Deque<Double> losses = new ArrayDeque<>();
    private double validation = Double.NaN;

    @Override
    public void row(MetricRow row) {
        losses.addLast(row.figure(MetricRow.LOSS));
        if (losses.size() > LAST) {
            losses.removeFirst();
        }
        double held = row.figure(MetricRow.VALIDATION);
        if (!Double.isNaN(held) && !(held >= validation)) {
            validation = held;
        }
    }

    /** By name, the one to rank by first; empty where no step was made. */
    Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        if (!Double.isNaN(validation)) {
            figures.put(MetricRow.VALIDATION, validation);
        }
        losses.stream().mapToDouble(Double::doubleValue).average().ifPresent(mean -> figures.put(MetricRow.LOSS, mean));
        return figures;
    }

    @Override
    public void close() {}
}
