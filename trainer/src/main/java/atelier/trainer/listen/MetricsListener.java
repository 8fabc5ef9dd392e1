package atelier.trainer.listen;

import atelier.trainer.loop.StepListener;
import atelier.trainer.memory.RunMemory;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.metrics.MetricSink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Writes a step's figures, the memory of the card among them. */
public final class MetricsListener implements StepListener {
    private final MetricSink metrics;
    private final RunMemory memory;

    public MetricsListener(MetricSink metrics, RunMemory memory) {
        this.metrics = metrics;
        this.memory = memory;
    }

    /**
     * Names of all figures that a run's rows may hold, in the order in which to show them.
     *
     * @param validates whether anything is held out
     * @param rates names of the rates of groups
     * @param memory whether the card's memory is known
     * @param scaled whether gradients have a scale: in fp16
     */
    public static List<String> figures(boolean validates, Collection<String> rates, boolean memory, boolean scaled) {
        List<String> figures = new ArrayList<>(List.of(MetricRow.LOSS, MetricRow.LOSS_SMOOTHED));
        if (validates) {
            figures.add(MetricRow.VALIDATION);
        }
        figures.add(MetricRow.LEARNING_RATE);
        figures.addAll(rates);
        figures.addAll(List.of(
                MetricRow.GRADIENT_NORM, MetricRow.SECONDS, MetricRow.IMAGES_PER_SECOND, MetricRow.RESIDENT_MIB));
        if (memory) {
            figures.add(MetricRow.GPU_USED_MIB);
        }
        if (scaled) {
            figures.add(MetricRow.LOSS_SCALE);
        }
        return figures;
    }

    @Override
    public Map<String, Double> measure(long step, boolean last) {
        return memory.isKnown() ? Map.of(MetricRow.GPU_USED_MIB, memory.usedMebibytes()) : Map.of();
    }

    @Override
    public void after(FinishedStep step) {
        metrics.row(new MetricRow(step.number(), step.figures()));
    }
}
