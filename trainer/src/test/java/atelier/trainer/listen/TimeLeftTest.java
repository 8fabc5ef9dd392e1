package atelier.trainer.listen;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.trainer.loop.StepListener.FinishedStep;
import atelier.trainer.metrics.MetricRow;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Row 11: how long a run takes is said after three steps. */
class TimeLeftTest {
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

    private final List<String> said = new ArrayList<>();

    @Test
    void theFirstStepDoesNotCountAndTheThirdTells() {
        // 100 steps, two prompts of five steps each, drawn twice at the end.
        SamplePlan samples = SamplePlan.asked(List.of("a", "b"), 0, 100, 5);
        TimeLeft time = new TimeLeft(samples, NOON, said::add);
        double[] seconds = {60, 11, 13, 90};
        for (int step = 1; step <= seconds.length; step++) {
            time.after(new FinishedStep(step, Map.of(MetricRow.SECONDS, seconds[step - 1]), false));
        }
        // 97 steps of 12 s, and 20 steps' worth of samples.
        assertThat(said).containsExactly("about 23 min left, 4 min of it for samples: done at 12:23");
    }

    @Test
    void aRunThatEndsOnAnotherDaySaysTheDay() {
        LocalDateTime evening = LocalDateTime.of(2026, 3, 1, 20, 0);
        assertThat(TimeLeft.told(5 * 3600, 0, evening)).isEqualTo("about 5 h 00 min left: done at 2026-03-02 01:00");
        assertThat(TimeLeft.told(40, 0, evening)).isEqualTo("about 40 s left: done at 20:00");
    }
}
