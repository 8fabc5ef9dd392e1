package atelier.trainer.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvSinkTest {
    private static MetricRow row(long step, double loss) {
        return new MetricRow(step, Map.of("loss", loss));
    }

    @Test
    void aResumedRunGoesOnWithoutADoubledStep(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("metrics.csv");
        try (CsvSink sink = CsvSink.open(file, List.of("loss"), 0)) {
            for (int step = 1; step <= 5; step++) {
                sink.row(row(step, step / 10.0));
            }
        }
        try (CsvSink sink = CsvSink.open(file, List.of("loss"), 3)) {
            sink.row(row(4, 9));
        }
        assertThat(Files.readAllLines(file)).containsExactly("step,loss", "1,0.1", "2,0.2", "3,0.3", "4,9.0");
    }

    @Test
    void aRowThatWasCutOffIsTakenOut(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("metrics.csv");
        Files.writeString(file, "step,loss,lr\n1,0.1,0.5\n2,0.2,0.");
        CsvSink.open(file, List.of("loss", "lr"), 2).close();
        assertThat(Files.readAllLines(file)).containsExactly("step,loss,lr", "1,0.1,0.5");
    }

    @Test
    void aTableWithOtherColumnsIsReadByName(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("metrics.csv");
        Files.writeString(file, "step,loss,lr\n1,0.1,0.5\n");
        try (CsvSink sink = CsvSink.open(file, List.of("lr", "validation"), 1)) {
            sink.row(new MetricRow(2, Map.of("validation", 0.25, "other", 1.0)));
        }
        assertThat(Files.readAllLines(file)).containsExactly("step,lr,validation", "1,0.5,", "2,,0.25");
    }

    @Test
    void aNewRunStartsAnew(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("metrics.csv");
        Files.writeString(file, "step,loss\n1,0.1\n");
        CsvSink.open(file, List.of("loss"), 0).close();
        assertThat(Files.readAllLines(file)).containsExactly("step,loss");
    }

    @Test
    void eachRowIsThereBeforeTheSinkIsClosed(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("metrics.csv");
        try (CsvSink sink = CsvSink.open(file, List.of("loss"), 0)) {
            sink.row(row(1, Double.NaN));
            assertThat(Files.readAllLines(file)).containsExactly("step,loss", "1,NaN");
        }
    }
}
