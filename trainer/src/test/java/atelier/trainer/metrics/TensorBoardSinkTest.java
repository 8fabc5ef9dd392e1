package atelier.trainer.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.HistogramProto;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;

class TensorBoardSinkTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static List<Event> events(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] data = new byte[(int) bytes.getLong(bytes.position())];
            bytes.position(bytes.position() + 12);
            bytes.get(data);
            assertThat(bytes.getInt()).isEqualTo(TfRecordWriter.masked(data, 0, data.length));
            events.add(Event.parseFrom(data));
        }
        return events;
    }

    @Test
    void recordsCarryTheMaskedCastagnoliSum() {
        // CRC-32C of "123456789" is e3069283 (RFC 3720's polynomial); masked by TensorFlow's rule.
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertThat(TfRecordWriter.masked(digits, 0, 9))
                .isEqualTo((int) (((0xe3069283L >>> 15 | 0xe3069283L << 17) & 0xffffffffL) + 0xa282ead8L));
    }

    @Test
    void everyRowIsThereAtOnceWithItsFigures(@TempDir Path folder) throws IOException {
        try (TensorBoardSink sink = TensorBoardSink.open(folder, 0, CLOCK)) {
            sink.row(new MetricRow(1, Map.of("loss", 0.5)));
            List<Event> events = events(files(folder).get(0));
            assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");
            assertThat(events.get(1).getStep()).isEqualTo(1);
            Summary.Value value = events.get(1).getSummary().getValue(0);
            assertThat(value.getTag()).isEqualTo("loss");
            assertThat(value.getSimpleValue()).isEqualTo(0.5f);
        }
    }

    @Test
    void aResumedRunSaysWhichStepsToDropInAFileThatSortsLater(@TempDir Path folder) throws IOException {
        TensorBoardSink.open(folder, 0, CLOCK).close();
        TensorBoardSink.open(folder, 40, CLOCK).close();
        List<Path> files = files(folder);
        assertThat(files).hasSize(2);
        Event start = events(files.get(1)).get(1);
        assertThat(start.getSessionLog().getStatus()).isEqualTo(SessionLog.SessionStatus.START);
        assertThat(start.getStep()).isEqualTo(41);
    }

    @Test
    void picturesTextHistogramsAndHyperparametersAreWritten(@TempDir Path folder) throws IOException {
        try (TensorBoardSink sink = TensorBoardSink.open(folder, 0, CLOCK)) {
            sink.image(2, "samples", new BufferedImage(8, 4, BufferedImage.TYPE_INT_RGB));
            sink.text(2, "prompts", "a cat");
            sink.histogram(2, "norms", new double[] {1, 2, 3});
            sink.hyperparameters(Map.of("adapter.rank", 8), List.of("loss"));
        }
        List<Event> events = events(files(folder).get(0));
        assertThat(events.stream()
                        .flatMap(event -> event.getSummary().getValueList().stream())
                        .map(Summary.Value::getTag))
                .containsExactly(
                        "samples",
                        "prompts",
                        "norms",
                        "_hparams_/experiment",
                        "_hparams_/session_start_info",
                        "_hparams_/session_end_info");
        assertThat(events.get(1).getSummary().getValue(0).getImage().getWidth()).isEqualTo(8);
    }

    @Test
    void aHistogramCountsEveryFiniteValueOnce() {
        HistogramProto histogram = Histogram.of(new double[] {0, 0.5, 1, 1, Double.NaN});
        assertThat(histogram.getNum()).isEqualTo(4);
        assertThat(histogram.getBucketList().stream()
                        .mapToDouble(Double::doubleValue)
                        .sum())
                .isEqualTo(4);
        assertThat(histogram.getBucketLimit(histogram.getBucketLimitCount() - 1))
                .isEqualTo(1);
        assertThat(Histogram.of(new double[] {3, 3}).getBucketList()).containsExactly(2.0);
    }
}
