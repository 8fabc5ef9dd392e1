package atelier.studio.run;

import atelier.trainer.metrics.MetricRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A run's metrics.csv, which may be written meanwhile: a last line without its end is not read. Of a long table only the
 * lines that are wanted are made numbers; where only its end is wanted, only its end is read.
 */
final class MetricsFile {
    /** Rows that a chart gets; a screen has no more columns. */
    static final int POINTS = 2000;

    private static final int HEADER = 1 << 14;
    private static final int TAIL = 1 << 18;

    private final Path file;

    MetricsFile(Path file) {
        this.file = file;
    }

    /** @param after rows of later steps only */
    Metrics after(long after) throws IOException {
        if (!Files.exists(file)) {
            return new Metrics(List.of("step"), List.of(), 0, 0, false);
        }
        byte[] end = after > 0 ? end() : new byte[0];
        // The end suffices where it reaches back to what is known.
        boolean suffices = end.length > 0 && step(end, 0) <= after;
        List<String> columns = columns();
        byte[] text = suffices ? end : body();
        return rows(columns, text, after);
    }

    /** The last rows, some hundred at least where there are so many. */
    Metrics last() throws IOException {
        List<String> columns = columns();
        byte[] end = end();
        int[] starts = starts(end);
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i + 1 < starts.length; i++) {
            rows.add(row(end, starts[i], starts[i + 1] - 1, columns.size()));
        }
        long latest = rows.isEmpty() ? 0 : (long) rows.get(rows.size() - 1)[0];
        return new Metrics(columns, rows, latest, rows.size(), false);
    }

    private static Metrics rows(List<String> columns, byte[] text, long after) {
        int[] starts = starts(text);
        int lines = starts.length - 1;
        int first = 0;
        int beyond = lines;
        while (first < beyond) {
            int middle = (first + beyond) >>> 1;
            if (step(text, starts[middle]) <= after) {
                first = middle + 1;
            } else {
                beyond = middle;
            }
        }
        int wanted = lines - first;
        int stride = Math.max(1, (wanted + POINTS - 1) / POINTS);
        int validation = columns.indexOf(MetricRow.VALIDATION);
        List<Integer> validated = new ArrayList<>();
        for (int i = first; stride > 1 && validation >= 0 && i < lines; i++) {
            if (holds(text, starts[i], validation)) {
                validated.add(i);
            }
        }
        int each = Math.max(1, (validated.size() + POINTS - 1) / POINTS);
        boolean[] taken = new boolean[lines];
        for (int i = first; i < lines; i += stride) {
            taken[i] = true;
        }
        for (int i = 0; i < validated.size(); i += each) {
            taken[validated.get(i)] = true;
        }
        if (lines > first) {
            taken[lines - 1] = true;
        }
        List<double[]> rows = new ArrayList<>();
        for (int i = first; i < lines; i++) {
            if (taken[i]) {
                rows.add(row(text, starts[i], starts[i + 1] - 1, columns.size()));
            }
        }
        long latest = lines == 0 ? 0 : step(text, starts[lines - 1]);
        return new Metrics(columns, rows, latest, wanted, rows.size() < wanted);
    }

    /** Where lines begin, and at the end where the next one would. */
    private static int[] starts(byte[] text) {
        int[] starts = new int[1024];
        int count = 1;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n') {
                if (count == starts.length) {
                    starts = Arrays.copyOf(starts, 2 * count);
                }
                starts[count++] = i + 1;
            }
        }
        return Arrays.copyOf(starts, count);
    }

    private static long step(byte[] text, int start) {
        long step = 0;
        for (int i = start; i < text.length && text[i] >= '0' && text[i] <= '9'; i++) {
            step = step * 10 + text[i] - '0';
        }
        return step;
    }

    private static boolean holds(byte[] text, int start, int column) {
        int at = start;
        for (int passed = 0; passed < column && at < text.length; at++) {
            if (text[at] == ',') {
                passed++;
            } else if (text[at] == '\n') {
                return false;
            }
        }
        return at < text.length && text[at] != ',' && text[at] != '\n';
    }

    private static double[] row(byte[] text, int start, int end, int columns) {
        double[] row = new double[columns];
        Arrays.fill(row, Double.NaN);
        String[] cells = new String(text, start, Math.max(0, end - start), StandardCharsets.US_ASCII).split(",", -1);
        for (int i = 0; i < Math.min(columns, cells.length); i++) {
            row[i] = number(cells[i].strip());
        }
        return row;
    }

    private static double number(String cell) {
        try {
            return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private List<String> columns() throws IOException {
        String head = new String(read(0, HEADER), StandardCharsets.UTF_8);
        int line = head.indexOf('\n');
        return line < 0
                ? List.of("step")
                : List.of(head.substring(0, line).strip().split(","));
    }

    private byte[] body() throws IOException {
        return afterLine(Files.readAllBytes(file));
    }

    /** Whole lines at the file's end. */
    private byte[] end() throws IOException {
        if (!Files.exists(file)) {
            return new byte[0];
        }
        long size = Files.size(file);
        return afterLine(read(Math.max(0, size - TAIL), TAIL));
    }

    private static byte[] afterLine(byte[] text) {
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n') {
                return Arrays.copyOfRange(text, i + 1, text.length);
            }
        }
        return new byte[0];
    }

    private byte[] read(long from, int most) throws IOException {
        if (!Files.exists(file)) {
            return new byte[0];
        }
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(0, Math.min(most, channel.size() - from)));
            while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
                // The file may have been cut short meanwhile.
            }
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }
}
