package atelier.trainer.loop;

import atelier.common.work.StopSignal;
import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.PairBatch;
import atelier.datasets.pairs.FindingException;
import atelier.trainer.folder.InterruptedRunException;
import atelier.trainer.folder.NotFiniteException;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.metrics.ResidentMemory;
import atelier.trainer.state.Checkpointed;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The training loop: from the step after the last saved one to the last. */
public final class Trainer {
    private final StepLimits limits;
    private final BatchSource source;
    private final Accumulation passes;
    private final Gradients gradients;
    private final Update update;
    private final LossScale scale;
    private final SmoothedLoss smoothed = new SmoothedLoss();

    public Trainer(
            StepLimits limits,
            BatchSource source,
            Accumulation passes,
            Gradients gradients,
            Update update,
            LossScale scale) {
        this.limits = limits;
        this.source = source;
        this.passes = passes;
        this.gradients = gradients;
        this.update = update;
        this.scale = scale;
    }

    /** Gradients that passes have filled. */
    interface Gradients {
        /**
         * Waits for what passes have made, and reads it.
         *
         * @param loss of the passes, which this closes
         * @param lossScale what gradients came multiplied by
         */
        StepFigures read(PendingLoss loss, double lossScale);

        void scaleGradients(double factor);
    }

    /**
     * What a step's passes came to.
     *
     * @param norm the 2-norm over all gradients together, as they are without the loss scale
     * @param carried what they are multiplied by still
     */
    public record StepFigures(double loss, double norm, double carried) {}

    /** Changes the parameters by their gradients. */
    @FunctionalInterface
    interface Update {
        /**
         * Gives the learning rates that were used, by the names of metrics.
         *
         * @param step counts the updates, from 1
         */
        Map<String, Double> step(long step);
    }

    /** What a resumed run must be given back. */
    public List<Checkpointed> checkpointed() {
        return List.of(scale, smoothed);
    }

    /**
     * Runs the steps after {@code done}, and gives the last that was made.
     *
     * @throws NotFiniteException when a loss or gradient is not a number; nothing is saved after it
     * @throws InterruptedRunException when asked to stop, after saving
     */
    public long run(long done, StepListener listeners) throws IOException, FindingException, InterruptedException {
        source.seek(done);
        long step = done;
        boolean over = step >= limits.steps() || listeners.isOver();
        while (!over) {
            step++;
            try (StopSignal.HeldOff whole = StopSignal.holdOff()) {
                Map<String, Double> figures = step(step, listeners);
                figures.putAll(listeners.measure(step, step == limits.steps()));
                over = step == limits.steps() || listeners.isOver();
                listeners.after(new StepListener.FinishedStep(step, figures, over));
                if (StopSignal.isHeard() && !over) {
                    listeners.interrupted(step);
                    throw new InterruptedRunException(step, limits.steps());
                }
            }
        }
        return step;
    }

    private Map<String, Double> step(long step, StepListener listeners)
            throws IOException, FindingException, InterruptedException {
        long start = System.nanoTime();
        double factor = scale.value();
        StepFigures read;
        int images;
        try (PairBatch batch = source.next()) {
            images = batch.size();
            read = gradients.read(passes.run(batch.examples(), step, factor), factor);
        }
        double loss = read.loss();
        double norm = read.norm();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricRow.LOSS, loss);
        if (Double.isFinite(loss)) {
            figures.put(MetricRow.LOSS_SMOOTHED, smoothed.take(loss));
        }
        if (scale.take(Double.isFinite(loss) ? norm : loss)) {
            requireFinite(step, "loss", loss, listeners);
            requireFinite(step, "gradient's norm", norm, listeners);
            double by = 1 / read.carried() * limits.factor(norm);
            if (by != 1) {
                gradients.scaleGradients(by);
            }
            figures.putAll(update.step(step - scale.skipped()));
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        figures.put(MetricRow.GRADIENT_NORM, norm);
        figures.put(MetricRow.SECONDS, seconds);
        figures.put(MetricRow.IMAGES_PER_SECOND, images / seconds);
        figures.put(MetricRow.RESIDENT_MIB, ResidentMemory.mebibytes());
        if (scale.dynamic()) {
            figures.put(MetricRow.LOSS_SCALE, factor);
        }
        return figures;
    }

    private static void requireFinite(long step, String what, double value, StepListener listeners) {
        if (!Double.isFinite(value)) {
            throw new NotFiniteException(step, what, value, listeners.kept().orElse("nothing had been saved yet"));
        }
    }
}
