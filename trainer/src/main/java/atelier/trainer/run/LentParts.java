package atelier.trainer.run;

import atelier.trainer.folder.RunFolder;
import atelier.trainer.listen.SampleDrawer;
import atelier.trainer.loop.SentPasses;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.output.OutputGate;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What whoever starts a run lends it: the trainer knows no samplers, no audits and no terminal.
 *
 * @param metrics makes the sinks once the step to go on from is known
 * @param drawer draws samples
 * @param gate judges what was trained before any of it is exported; null exports at once
 * @param elsewhere computes the passes of steps; null computes them in this process
 */
public record LentParts(
        MetricsOpener metrics,
        SampleDrawer drawer,
        @Nullable OutputGate gate,
        SentPasses.@Nullable Elsewhere elsewhere) {
    /** For a run whose passes are computed in this process. */
    public LentParts(MetricsOpener metrics, SampleDrawer drawer, @Nullable OutputGate gate) {
        this(metrics, drawer, gate, null);
    }

    /** Opens the sinks of a run that goes on from a step. */
    @FunctionalInterface
    public interface MetricsOpener {
        /**
         * Opens them.
         *
         * @param figures names of all figures that rows may hold, in the order in which to show them
         * @param prompts that samples are drawn of, chosen by now
         */
        MetricSink open(RunFolder folder, long lastStep, List<String> figures, List<String> prompts) throws IOException;
    }
}
