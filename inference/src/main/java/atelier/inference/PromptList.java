package atelier.inference;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * Prompts from a file: a text file with one a line (empty lines and those that begin with # are left out), or a CSV file
 * with the column prompt and, if wanted, negative_prompt and seed.
 */
public final class PromptList {
    private PromptList() {}

    /**
     * One prompt.
     *
     * @param prompt the words
     * @param negativePrompt null for the settings' own
     * @param seed null for the settings' own
     */
    public record Entry(
            String prompt,
            @Nullable String negativePrompt,
            @Nullable Long seed) {}

    /** Reads the file; throws IllegalArgumentException naming the line that does not fit. */
    public static List<Entry> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IllegalArgumentException("prompts=" + file + " does not exist");
        }
        boolean csv = file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
        List<Entry> entries = csv ? table(file) : lines(file);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("prompts=" + file + " holds no prompt");
        }
        return entries;
    }

    private static List<Entry> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(line -> new Entry(line, null, null))
                .toList();
    }

    private static List<Entry> table(Path file) throws IOException {
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .setTrim(true)
                .get();
        try (Reader reader = Files.newBufferedReader(file);
                CSVParser parser = CSVParser.parse(reader, format)) {
            if (!parser.getHeaderNames().contains("prompt")) {
                throw new IllegalArgumentException(
                        "prompts=" + file + " has no column 'prompt'; its first line must name"
                                + " the columns: prompt, negative_prompt, seed");
            }
            List<Entry> entries = new ArrayList<>();
            for (CSVRecord record : parser) {
                entries.add(
                        new Entry(record.get("prompt"), cell(record, "negative_prompt"), seed(file, record, parser)));
            }
            return entries;
        }
    }

    private static @Nullable Long seed(Path file, CSVRecord record, CSVParser parser) {
        String cell = cell(record, "seed");
        if (cell == null) {
            return null;
        }
        try {
            return Long.valueOf(cell);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    file + " line " + parser.getCurrentLineNumber() + ": the seed '" + cell + "' is not a whole number",
                    e);
        }
    }

    private static @Nullable String cell(CSVRecord record, String column) {
        if (!record.isMapped(column)
                || !record.isSet(column)
                || record.get(column).isEmpty()) {
            return null;
        }
        return record.get(column);
    }
}
