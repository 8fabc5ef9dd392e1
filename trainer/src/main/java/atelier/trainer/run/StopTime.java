package atelier.trainer.run;

import atelier.common.work.StopSignal;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Stops a run at a time of day as Ctrl-C would: the step at hand is finished and its state saved. */
final class StopTime implements AutoCloseable {
    private final ScheduledExecutorService timer;

    private StopTime(ScheduledExecutorService timer) {
        this.timer = timer;
    }

    /**
     * Waits in the background.
     *
     * @param time the next such time stops the run; null for never
     */
    static StopTime at(@Nullable LocalTime time, Clock clock, Consumer<String> says) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "stop-time");
            thread.setDaemon(true);
            return thread;
        });
        if (time != null) {
            long wait = until(time, clock).toMillis();
            says.accept("stops at " + time + ", in " + Math.max(1, wait / 60_000) + " min, with its state saved");
            timer.schedule(
                    () -> {
                        says.accept("it is " + time + ": stopping, as train.stop_at asks");
                        StopSignal.raise();
                    },
                    wait,
                    TimeUnit.MILLISECONDS);
        }
        return new StopTime(timer);
    }

    /** How long it is until the next such time of day, across changes of the clock. */
    static Duration until(LocalTime time, Clock clock) {
        ZonedDateTime now = ZonedDateTime.now(clock);
        LocalDateTime next = now.toLocalDate().atTime(time);
        if (!next.isAfter(now.toLocalDateTime())) {
            next = next.plusDays(1);
        }
        return Duration.between(now, next.atZone(now.getZone()));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
