package atelier.trainer.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * metrics.csv: one row a step, a column a figure, an empty cell where a step has none. Each row is handed to the system
 * as it comes, so a killed run's table ends with its last step. Figures beyond the columns are left out.
 */
public final class CsvSink implements MetricSink {
    private static final String STEP = "step";

    private final Path file;
    private final List<String> columns;
    private final Writer writer;

    private CsvSink(Path file, List<String> columns) throws IOException {
        this.file = file;
        this.columns = columns;
        this.writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }

    /**
     * Opens the table for a run that goes on after {@code lastStep}; 0 starts anew. Rows beyond it, which a run wrote
     * after its last save, are taken out, and so is a row that was cut off.
     *
     * @param columns the figures' names, without step; an older table's other columns are dropped
     */
    public static CsvSink open(Path file, List<String> columns, long lastStep) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(STEP + "," + String.join(",", columns));
        if (lastStep > 0 && Files.exists(file)) {
            lines.addAll(kept(file, columns, lastStep));
        }
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(temporary, lines, StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return new CsvSink(file, List.copyOf(columns));
    }

    private static List<String> kept(Path file, List<String> columns, long lastStep) throws IOException {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        // A row without its end of line was cut off.
        List<String> lines =
                Arrays.asList(text.substring(0, text.lastIndexOf('\n') + 1).split("\n"));
        List<String> names = Arrays.asList(lines.get(0).strip().split(","));
        List<String> kept = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.strip().split(",", -1);
            if (cells.length == names.size() && isKept(cells[0], lastStep)) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 0; i < cells.length; i++) {
                    row.put(names.get(i), cells[i]);
                }
                kept.add(cells[0] + ","
                        + columns.stream()
                                .map(name -> row.getOrDefault(name, ""))
                                .collect(Collectors.joining(",")));
            }
        }
        return kept;
    }

    private static boolean isKept(String step, long lastStep) {
        try {
            return Long.parseLong(step) <= lastStep;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    @Override
    public void row(MetricRow row) {
        String cells = columns.stream()
                .map(name -> row.figures().get(name))
                .map(figure -> figure == null ? "" : figure.toString())
                .collect(Collectors.joining(","));
        try {
            writer.write(row.step() + "," + cells + "\n");
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
