package atelier.trainer.listen;

import atelier.common.file.AtomicFile;
import atelier.common.file.JsonText;
import atelier.trainer.loop.StepListener;
import atelier.trainer.metrics.MetricRow;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Keeps {@code progress.json} current, at most once a second, for programs that want to know how far a run is: step, steps,
 * fraction, loss, seconds_per_step, seconds_left, state (training, stopped or done) and updated, in UTC. The file is always
 * whole.
 */
public final class ProgressFile implements StepListener {
    private static final double SHARE_OF_THE_LATEST = 0.1;

    private final Path file;
    private final int steps;
    private final Clock clock;
    private Instant written = Instant.MIN;
    private double secondsPerStep;
    private double loss = Double.NaN;

    /** @param steps of the whole run */
    public ProgressFile(Path file, int steps, Clock clock) {
        this.file = file;
        this.steps = steps;
        this.clock = clock;
    }

    @Override
    public void after(FinishedStep step) throws IOException {
        Double took = step.figures().get(MetricRow.SECONDS);
        if (took != null) {
            secondsPerStep = secondsPerStep == 0
                    ? took
                    : (1 - SHARE_OF_THE_LATEST) * secondsPerStep + SHARE_OF_THE_LATEST * took;
        }
        loss = step.figures().getOrDefault(MetricRow.LOSS, Double.NaN);
        Instant now = clock.instant();
        if (step.last() || written.isBefore(now.minusSeconds(1))) {
            write(step.number(), step.last() ? "done" : "training", now);
        }
    }

    @Override
    public void interrupted(long step) throws IOException {
        write(step, "stopped", clock.instant());
    }

    private void write(long step, String state, Instant now) throws IOException {
        ObjectNode progress = JsonText.mapper().createObjectNode();
        progress.put("state", state);
        progress.put("step", step);
        progress.put("steps", steps);
        progress.put("fraction", (double) step / steps);
        if (Double.isFinite(loss)) {
            progress.put("loss", loss);
        }
        progress.put("seconds_per_step", secondsPerStep);
        progress.put("seconds_left", state.equals("done") ? 0 : secondsPerStep * (steps - step));
        progress.put("updated", now.truncatedTo(ChronoUnit.SECONDS).toString());
        AtomicFile.write(file, progress.toPrettyString() + "\n");
        written = now;
    }
}
