package atelier.trainer.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A plain log, a line an event, with the time in front; a resumed run's lines follow those of the run before. */
public final class LogSink implements MetricSink {
    private final Path file;
    private final Clock clock;
    private final Writer writer;

    /** Opens the file, or goes on with it where it is there. */
    public LogSink(Path file, Clock clock) throws IOException {
        this.file = file;
        this.clock = clock;
        this.writer = Files.newBufferedWriter(
                file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Override
    public void row(MetricRow row) {
        line("step " + row.step() + " " + RowText.whole(row));
    }

    @Override
    public void text(long step, String name, String text) {
        text.lines().forEach(each -> line("step " + step + " " + name + ": " + each));
    }

    @Override
    public void hyperparameters(Map<String, ?> settings, List<String> figures) {
        String list = new TreeMap<>(settings)
                .entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .collect(Collectors.joining(" "));
        line("settings " + list);
    }

    private void line(String text) {
        try {
            writer.write(clock.instant().truncatedTo(ChronoUnit.MILLIS) + " " + text + "\n");
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be closed: " + e.getMessage(), e);
        }
    }
}
