package atelier.trainer;

import atelier.datasets.FindingException;
import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.PairBatch;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.metrics.MetricSink;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The training loop: from the step after the last saved one to the last. */
final class Trainer {
    private final TrainSettings settings;
    private final Learnt learnt;
    private final Learning learning;
    private final BatchSource source;
    private final Passes passes;
    private final MetricSink metrics;
    private final StopSignal stop;

    Trainer(
            TrainSettings settings,
            Learnt learnt,
            Learning learning,
            BatchSource source,
            Passes passes,
            MetricSink metrics,
            StopSignal stop) {
        this.settings = settings;
        this.learnt = learnt;
        this.learning = learning;
        this.source = source;
        this.passes = passes;
        this.metrics = metrics;
        this.stop = stop;
    }

    /** Turns a batch into a loss and adds to the gradients. */
    @FunctionalInterface
    interface Passes {
        /**
         * @param position of the batch's first example in the step
         * @param share what the gradients are multiplied by
         */
        double run(PairBatch batch, long step, int position, double share) throws IOException;
    }

    /** What happens between steps: saving, drawing. */
    interface Watcher {
        /** Whether the state is to be saved after this step. */
        void after(long step) throws IOException;

        /** Saves after a step that was not to be the last. */
        void interrupted(long step) throws IOException;

        /** What is on disk when a step fails, in words. */
        String kept();
    }

    /**
     * Runs the steps after {@code done}.
     *
     * @throws NotFiniteException when a loss or gradient is not a number; nothing is saved after it
     * @throws InterruptedRunException when asked to stop, after saving
     */
    void run(long done, Watcher watcher) throws IOException, FindingException, InterruptedException {
        source.seek(done * settings.gradientAccumulation());
        for (long step = done + 1; step <= settings.steps(); step++) {
            long start = System.nanoTime();
            learnt.zeroGradients();
            double loss = 0;
            int images = 0;
            for (int pass = 0; pass < settings.gradientAccumulation(); pass++) {
                try (PairBatch batch = source.next()) {
                    double share = 1.0 / settings.gradientAccumulation();
                    loss += share * passes.run(batch, step, images, share);
                    images += batch.examples().size();
                }
            }
            learnt.collect();
            double norm = learnt.gradientNorm();
            requireFinite(step, "loss", loss, watcher);
            requireFinite(step, "gradient's norm", norm, watcher);
            if (settings.maxGradNorm() > 0 && norm > settings.maxGradNorm()) {
                learnt.scaleGradients(settings.maxGradNorm() / (norm + 1e-6));
            }
            double rate = learning.step(step);
            learnt.refresh();
            metrics.row(row(step, loss, rate, norm, (System.nanoTime() - start) / 1e9, images));
            watcher.after(step);
            if (stop.wanted() && step < settings.steps()) {
                watcher.interrupted(step);
                throw new InterruptedRunException(step, settings.steps());
            }
        }
    }

    /** Changes the parameters by their gradients. */
    @FunctionalInterface
    interface Learning {
        /** Gives the learning rate that was used. */
        double step(long step);
    }

    private static void requireFinite(long step, String what, double value, Watcher watcher) {
        if (!Double.isFinite(value)) {
            throw new NotFiniteException(step, what, value, watcher.kept());
        }
    }

    private static MetricRow row(long step, double loss, double rate, double norm, double seconds, int images) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricRow.LOSS, loss);
        figures.put(MetricRow.LEARNING_RATE, rate);
        figures.put(MetricRow.GRADIENT_NORM, norm);
        figures.put(MetricRow.SECONDS, seconds);
        figures.put(MetricRow.IMAGES_PER_SECOND, images / seconds);
        figures.put(MetricRow.RESIDENT_MIB, ResidentMemory.mebibytes());
        return new MetricRow(step, figures);
    }
}
