package atelier.trainer.metrics;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Progress for who watches: a bar with the time left, loss, rate, images a second and memory on a terminal; a line every
 * so many steps where the output goes to a file.
 */
public final class ConsoleSink implements MetricSink {
    private static final int WIDTH = 110;
    /** A step's share in the running mean of seconds a step. */
    private static final double SHARE = 0.05;

    private final PrintStream out;
    private final long steps;
    private final int every;
    private final @Nullable ProgressBar bar;
    private double secondsPerStep = Double.NaN;

    /**
     * Starts to show.
     *
     * @param lastStep the step after which the run goes on; 0 for a new one
     * @param steps the run's last step
     * @param terminal whether {@code out} is a terminal
     * @param every steps between two lines where it is none
     */
    public ConsoleSink(PrintStream out, long lastStep, long steps, boolean terminal, int every) {
        if (every < 1) {
            throw new IllegalArgumentException("steps between two lines must be at least 1, got " + every);
        }
        this.out = out;
        this.steps = steps;
        this.every = every;
        this.bar = terminal
                ? new ProgressBarBuilder()
                        .setTaskName("train")
                        .setInitialMax(steps)
                        .startsFrom(lastStep, Duration.ZERO)
                        .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                        .setUpdateIntervalMillis(250)
                        .setConsumer(new ConsoleProgressBarConsumer(out, WIDTH))
                        .build()
                : null;
    }

    @Override
    public void row(MetricRow row) {
        double seconds = row.figure(MetricRow.SECONDS);
        if (!Double.isNaN(seconds)) {
            secondsPerStep =
                    Double.isNaN(secondsPerStep) ? seconds : secondsPerStep + SHARE * (seconds - secondsPerStep);
        }
        if (bar != null) {
            bar.setExtraMessage(RowText.brief(row));
            bar.stepTo(row.step());
        } else if (row.step() % every == 0 || row.step() == steps || row.step() == 1) {
            String left =
                    Double.isNaN(secondsPerStep) ? "" : "  ETA " + RowText.time(secondsPerStep * (steps - row.step()));
            out.println(String.format(
                    Locale.ROOT,
                    "step %d/%d (%d %%)  %s%s",
                    row.step(),
                    steps,
                    100 * row.step() / Math.max(1, steps),
                    RowText.brief(row),
                    left));
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
