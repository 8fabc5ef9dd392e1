package atelier.trainer.listen;

import atelier.trainer.loop.StepListener;
import atelier.trainer.metrics.MetricRow;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.Consumer;

/** Says once, after three steps, how long the run will take and when it will end. */
public final class TimeLeft implements StepListener {
    private static final int MEASURED = 3;
    private static final DateTimeFormatter TODAY = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
    private static final DateTimeFormatter LATER = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);

    private final SamplePlan samples;
    private final Clock clock;
    private final Consumer<String> says;
    private int seen;
    private double seconds;

    /** @param samples what is drawn besides, and how many steps the run has */
    public TimeLeft(SamplePlan samples, Clock clock, Consumer<String> says) {
        this.samples = samples;
        this.clock = clock;
        this.says = says;
    }

    @Override
    public void after(FinishedStep step) {
        seen++;
        Double took = step.figures().get(MetricRow.SECONDS);
        if (took == null || seen > MEASURED) {
            return;
        }
        // The first step also sets up what the later ones use.
        seconds = seen <= 2 ? took : (seconds + took) / 2;
        if (seen == MEASURED && !step.last()) {
            double steps = samples.steps() - step.number();
            double drawing = samples.costAfter(step.number());
            says.accept(told(seconds * steps, seconds * drawing, LocalDateTime.now(clock)));
        }
    }

    static String told(double training, double drawing, LocalDateTime now) {
        LocalDateTime end = now.plus(Duration.ofMillis((long) (1000 * (training + drawing))));
        String when = end.format(end.toLocalDate().equals(now.toLocalDate()) ? TODAY : LATER);
        String samples = drawing > 0 ? ", " + time(drawing) + " of it for samples" : "";
        return "about " + time(training + drawing) + " left" + samples + ": done at " + when;
    }

    private static String time(double seconds) {
        long whole = Math.max(1, Math.round(seconds));
        if (whole < 100) {
            return whole + " s";
        }
        long minutes = Math.round(whole / 60.0);
        return minutes < 100
                ? minutes + " min"
                : String.format(Locale.ROOT, "%d h %02d min", minutes / 60, minutes % 60);
    }
}
