package atelier.trainer.listen;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.trainer.loop.StepListener.FinishedStep;
import atelier.trainer.metrics.MetricRow;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressFileTest {
    @TempDir
    Path folder;

    /** A clock that goes on by half a second each time it is looked at. */
    private static final class HalfSeconds extends Clock {
        private Instant now = Instant.parse("2026-01-10T10:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            now = now.plusMillis(500);
            return now;
        }
    }

    private JsonNode read() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("progress.json").toFile());
    }

    @Test
    void theFileSaysHowFarTheRunIsAtMostOnceASecond() throws IOException {
        ProgressFile progress = new ProgressFile(folder.resolve("progress.json"), 10, new HalfSeconds());
        Map<String, Double> figures = Map.of(MetricRow.SECONDS, 2.0, MetricRow.LOSS, 0.25);
        progress.after(new FinishedStep(1, figures, false));
        assertThat(read().path("step").asInt()).isEqualTo(1);
        assertThat(read().path("state").asText()).isEqualTo("training");
        assertThat(read().path("seconds_left").asDouble()).isEqualTo(18);
        assertThat(read().path("loss").asDouble()).isEqualTo(0.25);
        assertThat(read().path("updated").asText()).isEqualTo("2026-01-10T10:00:00Z");
        progress.after(new FinishedStep(2, figures, false));
        assertThat(read().path("step").asInt()).isEqualTo(1);
        progress.after(new FinishedStep(3, figures, false));
        progress.after(new FinishedStep(4, figures, false));
        assertThat(read().path("step").asInt()).isEqualTo(4);
        progress.interrupted(5);
        assertThat(read().path("state").asText()).isEqualTo("stopped");
        progress.after(new FinishedStep(10, figures, true));
        assertThat(read().path("state").asText()).isEqualTo("done");
        assertThat(read().path("seconds_left").asDouble()).isZero();
    }
}
