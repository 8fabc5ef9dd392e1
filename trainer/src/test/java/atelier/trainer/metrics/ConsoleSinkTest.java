package atelier.trainer.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleSinkTest {
    private static MetricRow row(long step) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("loss", 0.25);
        figures.put("lr", 1e-4);
        figures.put("seconds", 2.0);
        figures.put("images_per_second", 3.5);
        figures.put("resident_mib", 812.4);
        return new MetricRow(step, figures);
    }

    private static String shown(boolean terminal, int every, int steps) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        try (ConsoleSink sink = new ConsoleSink(out, 0, steps, terminal, every)) {
            for (int step = 1; step <= steps; step++) {
                sink.row(row(step));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void withoutATerminalALineComesEverySoManySteps() {
        assertThat(shown(false, 50, 120).lines())
                .containsExactly(
                        "step 1/120 (0 %)  loss 0.2500  lr 1.00e-04  3.50 images/s  812 MiB  ETA 3:58",
                        "step 50/120 (41 %)  loss 0.2500  lr 1.00e-04  3.50 images/s  812 MiB  ETA 2:20",
                        "step 100/120 (83 %)  loss 0.2500  lr 1.00e-04  3.50 images/s  812 MiB  ETA 0:40",
                        "step 120/120 (100 %)  loss 0.2500  lr 1.00e-04  3.50 images/s  812 MiB  ETA 0:00");
    }

    @Test
    void onAGpuItsMemoryIsShownBesideTheProcesss() {
        MetricRow row = new MetricRow(1, Map.of("loss", 0.25, "resident_mib", 812.4, "gpu_used_mib", 6230.7));
        assertThat(RowText.brief(row)).isEqualTo("loss 0.2500  812 MiB  GPU 6231 MiB");
    }

    @Test
    void onATerminalABarShowsStepsAndFigures() {
        assertThat(shown(true, 50, 20))
                .contains("20/20")
                .contains("loss 0.2500")
                .contains("\r");
    }

    @Test
    void theLogHasALineAStepAndGoesOn(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("train.log");
        Clock clock = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
        try (LogSink sink = new LogSink(file, clock)) {
            sink.row(new MetricRow(1, Map.of("loss", 0.5)));
        }
        try (LogSink sink = new LogSink(file, clock)) {
            sink.text(1, "saved", "state/step-000001");
        }
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "2026-01-02T03:04:05Z step 1 loss=0.500000",
                        "2026-01-02T03:04:05Z step 1 saved: state/step-000001");
    }
}
