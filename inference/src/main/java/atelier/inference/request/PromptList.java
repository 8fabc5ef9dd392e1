package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import atelier.common.file.TableRows;
import atelier.common.file.TextFile;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Prompts from a file: a text file with one a line (empty lines and those that begin with # are left out), or a CSV file
 * with the column prompt and, if wanted, negative_prompt, seed and adapters
 * (file:weight, several separated by |).
 */
public final class PromptList {
    private PromptList() {}

    /**
     * One prompt.
     *
     * @param prompt the words
     * @param negativePrompt null for the settings' own
     * @param seed null for the settings' own
     * @param adapters null for the settings' own
     * @param place where it stands, for messages
     */
    public record Entry(
            String prompt,
            @Nullable String negativePrompt,
            @Nullable Long seed,
            @Nullable List<AdapterChoice> adapters,
            String place) {}

    /** Reads the file; throws WrongCommandException naming the line that does not fit. */
    public static List<Entry> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new WrongCommandException("prompts=" + file
                    + " does not exist; name a text file with a prompt on each line, or a .csv table");
        }
        boolean csv = file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
        List<Entry> entries;
        try {
            entries = csv ? table(file) : lines(file);
        } catch (CharacterCodingException e) {
            throw new WrongCommandException("prompts=" + file + " is not UTF-8 text; save it as UTF-8", e);
        }
        if (entries.isEmpty()) {
            throw new WrongCommandException("prompts=" + file + " holds no prompt; write one on each line");
        }
        return entries;
    }

    private static List<Entry> lines(Path file) throws IOException {
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        for (String line : TextFile.read(file).lines().toList()) {
            number++;
            String prompt = line.strip();
            if (!prompt.isEmpty() && !prompt.startsWith("#")) {
                entries.add(new Entry(prompt, null, null, null, file + " line " + number));
            }
        }
        return entries;
    }

    private static List<Entry> table(Path file) throws IOException {
        try (Reader reader = TextFile.reader(file)) {
            TableRows rows = new TableRows(reader);
            rows.findSeparator(",;\t|", header -> names(header).contains("prompt"));
            TableRows.Row head = rows.next();
            List<String> names = head == null ? List.of() : names(head.values());
            if (!names.contains("prompt")) {
                throw new WrongCommandException("prompts=" + file + " has no column 'prompt'; its first line must name"
                        + " the columns: prompt, negative_prompt, seed, adapters");
            }
            List<Entry> entries = new ArrayList<>();
            for (TableRows.Row row = rows.next(); row != null; row = rows.next()) {
                String place = file + " line " + row.line();
                if (row.misquoted()) {
                    throw new WrongCommandException(
                            place + ": a quote is not closed where its value ends; double quotes within a value");
                }
                if (row.values().size() > names.size()
                        && !row.values().get(names.size()).isBlank()) {
                    throw new WrongCommandException(
                            place + " has " + row.values().size()
                                    + " values where the header has " + names.size()
                                    + " columns; put a text that holds separators in quotes");
                }
                String prompt = cell(names, row, "prompt");
                entries.add(new Entry(
                        prompt == null ? "" : prompt,
                        cell(names, row, "negative_prompt"),
                        seed(place, cell(names, row, "seed")),
                        adapters(cell(names, row, "adapters")),
                        place));
            }
            return entries;
        }
    }

    private static List<String> names(List<String> header) {
        return header.stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static @Nullable Long seed(String place, @Nullable String cell) {
        if (cell == null) {
            return null;
        }
        try {
            return Long.valueOf(cell);
        } catch (NumberFormatException e) {
            throw new WrongCommandException(
                    place + ": the seed '" + cell + "' is not a whole number; write one such as 42", e);
        }
    }

    private static @Nullable List<AdapterChoice> adapters(@Nullable String cell) {
        return cell == null
                ? null
                : Stream.of(cell.split("\\|"))
                        .map(String::strip)
                        .map(AdapterChoice::parse)
                        .toList();
    }

    private static @Nullable String cell(List<String> names, TableRows.Row row, String column) {
        int index = names.indexOf(column);
        if (index < 0 || index >= row.values().size()) {
            return null;
        }
        String value = row.values().get(index).strip();
        return value.isEmpty() ? null : value;
    }
}
