package atelier.trainer.conformance;

import atelier.trainer.metrics.CsvSink;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.metrics.TensorBoardSink;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Writes metrics.csv and TensorBoard's files as a run does that is killed in the middle of writing step 30 and goes on
 * from step 20; scripts/conformance/live/check_tensorboard.py reads them with TensorBoard's own reader. One argument:
 * the folder.
 */
public final class EventFiles {
    private EventFiles() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0].substring(arguments[0].indexOf('=') + 1));
        Path events = folder.resolve("tensorboard");
        try (MetricSink sink = open(folder, 0)) {
            sink.hyperparameters(
                    Map.of("adapter.rank", 8, "optimizer.name", "adamw", "train.ema", true), List.of("loss"));
            sink.text(0, "settings", "adapter.rank = 8\nprompt = \"ein Füchslein 🦊\"");
            steps(sink, 1, 30);
        }
        cutLastRecord(events);
        try (MetricSink sink = open(folder, 20)) {
            steps(sink, 21, 40);
            sink.image(40, "samples", picture());
            sink.histogram(
                    40,
                    "adapter_norms",
                    DoubleStream.iterate(0.5, x -> x * 1.1).limit(20).toArray());
        }
    }

    private static MetricSink open(Path folder, long lastStep) throws IOException {
        return MetricSink.all(List.of(
                CsvSink.open(
                        folder.resolve("metrics.csv"),
                        List.of(MetricRow.LOSS, MetricRow.LEARNING_RATE, "validation"),
                        lastStep),
                TensorBoardSink.open(folder.resolve("tensorboard"), lastStep, Clock.systemUTC())));
    }

    private static void steps(MetricSink sink, int first, int last) {
        for (int step = first; step <= last; step++) {
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put(MetricRow.LOSS, 1.0 / step);
            figures.put(MetricRow.LEARNING_RATE, 1e-4 * step);
            if (step % 10 == 0) {
                figures.put("validation", 2.0 / step);
            }
            sink.row(new MetricRow(step, figures));
        }
    }

    /** What a process leaves that is killed while it writes: a record without its end. */
    private static void cutLastRecord(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder);
                FileChannel channel = FileChannel.open(files.findFirst().orElseThrow(), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 7);
        }
    }

    private static BufferedImage picture() {
        BufferedImage picture = new BufferedImage(32, 16, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(Color.ORANGE);
        graphics.fillRect(0, 0, 16, 16);
        graphics.dispose();
        return picture;
    }
}
