package atelier.trainer.metrics;

import com.google.protobuf.ByteString;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;
import org.tensorflow.proto.SummaryMetadata;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * TensorBoard's event file, in TensorFlow's own messages. Every event is handed to the system as it comes. A resumed
 * run starts a file of its own whose SessionLog START says from which step on TensorBoard must drop what an earlier file
 * holds, so that steps after the last save do not stand twice.
 */
public final class TensorBoardSink implements MetricSink {
    /** What TensorBoard asks before it heeds SessionLog. */
    private static final String FILE_VERSION = "brain.Event:2";

    private final Path file;
    private final Clock clock;
    private final TfRecordWriter writer;
    private boolean hasHyperparameters;

    private TensorBoardSink(Path file, Clock clock) throws IOException {
        this.file = file;
        this.clock = clock;
        this.writer = new TfRecordWriter(file);
    }

    /**
     * Starts an event file in {@code folder}.
     *
     * @param lastStep the step after which the run goes on; 0 for a new run
     */
    public static TensorBoardSink open(Path folder, long lastStep, Clock clock) throws IOException {
        Files.createDirectories(folder);
        // TensorBoard reads files in the order of their names: later than any that is there.
        long second = Math.max(clock.instant().getEpochSecond(), newest(folder) + 1);
        String name = String.format(
                Locale.ROOT,
                "events.out.tfevents.%010d.%s.%d",
                second,
                InetAddress.getLoopbackAddress().getHostName(),
                ProcessHandle.current().pid());
        TensorBoardSink sink = new TensorBoardSink(folder.resolve(name), clock);
        sink.write(Event.newBuilder().setFileVersion(FILE_VERSION));
        if (lastStep > 0) {
            sink.write(Event.newBuilder()
                    .setStep(lastStep + 1)
                    .setSessionLog(SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START)));
        }
        return sink;
    }

    private static long newest(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString().split("\\."))
                    .filter(parts -> parts.length > 3 && parts[3].matches("\\d{10}"))
                    .mapToLong(parts -> Long.parseLong(parts[3]))
                    .max()
                    .orElse(0);
        }
    }

    @Override
    public void row(MetricRow row) {
        Summary.Builder summary = Summary.newBuilder();
        row.figures()
                .forEach((name, figure) ->
                        summary.addValue(Summary.Value.newBuilder().setTag(name).setSimpleValue(figure.floatValue())));
        write(Event.newBuilder().setStep(row.step()).setSummary(summary));
    }

    @Override
    public void image(long step, String name, BufferedImage picture) {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(picture, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write(
                step,
                Summary.Value.newBuilder()
                        .setTag(name)
                        .setImage(Summary.Image.newBuilder()
                                .setWidth(picture.getWidth())
                                .setHeight(picture.getHeight())
                                .setColorspace(3)
                                .setEncodedImageString(ByteString.copyFrom(png.toByteArray()))));
    }

    @Override
    public void text(long step, String name, String text) {
        write(
                step,
                Summary.Value.newBuilder()
                        .setTag(name)
                        .setMetadata(plugin("text", ByteString.EMPTY))
                        .setTensor(TensorProto.newBuilder()
                                .setDtype(DataType.DT_STRING)
                                .setTensorShape(TensorShapeProto.newBuilder()
                                        .addDim(TensorShapeProto.Dim.newBuilder()
                                                .setSize(1)))
                                .addStringVal(ByteString.copyFromUtf8(text))));
    }

    @Override
    public void histogram(long step, String name, double[] values) {
        if (values.length > 0) {
            write(step, Summary.Value.newBuilder().setTag(name).setHisto(Histogram.of(values)));
        }
    }

    @Override
    public void hyperparameters(Map<String, ?> settings, List<String> figures) {
        double now = seconds();
        write(0, hparams("_hparams_/experiment", HparamsMessages.experiment(settings, figures, now)));
        write(0, hparams("_hparams_/session_start_info", HparamsMessages.start(settings, now)));
        hasHyperparameters = true;
    }

    private static Summary.Value.Builder hparams(String tag, ByteString content) {
        // The plug-in reads the metadata alone, and asks for an empty tensor beside it.
        return Summary.Value.newBuilder()
                .setTag(tag)
                .setMetadata(plugin("hparams", content))
                .setTensor(TensorProto.newBuilder()
                        .setDtype(DataType.DT_FLOAT)
                        .setTensorShape(TensorShapeProto.newBuilder().addDim(TensorShapeProto.Dim.newBuilder())));
    }

    private static SummaryMetadata plugin(String name, ByteString content) {
        return SummaryMetadata.newBuilder()
                .setPluginData(SummaryMetadata.PluginData.newBuilder()
                        .setPluginName(name)
                        .setContent(content))
                .build();
    }

    private void write(long step, Summary.Value.Builder value) {
        write(Event.newBuilder().setStep(step).setSummary(Summary.newBuilder().addValue(value)));
    }

    private void write(Event.Builder event) {
        try {
            writer.write(event.setWallTime(seconds()).build().toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    private double seconds() {
        return clock.millis() / 1000.0;
    }

    @Override
    public void close() {
        try (writer) {
            if (hasHyperparameters) {
                write(0, hparams("_hparams_/session_end_info", HparamsMessages.end(seconds())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be closed: " + e.getMessage(), e);
        }
    }
}
