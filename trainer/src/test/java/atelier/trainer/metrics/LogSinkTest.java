package atelier.trainer.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogSinkTest {
    @TempDir
    Path folder;

    /** Row 12: settings are read as they are typed, in an order that does not change from run to run. */
    @Test
    void settingsStandInOrderAsTheyAreTyped() throws IOException {
        Path file = folder.resolve("train.log");
        Clock clock = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
        try (LogSink sink = new LogSink(file, clock)) {
            sink.hyperparameters(
                    Map.of("train.steps", 6, "adapter.rank", 2, "data.pairs", "mine.csv", "optimizer.lr", 0.5),
                    List.of());
        }
        assertThat(file)
                .hasContent("2026-03-01T12:00:00Z settings adapter.rank=2 data.pairs=mine.csv optimizer.lr=0.5"
                        + " train.steps=6");
    }
}
