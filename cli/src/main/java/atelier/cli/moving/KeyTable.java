package atelier.cli.moving;

import com.google.common.base.Splitter;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What becomes of each key of another program; the tables are this package's resources. */
final class KeyTable {
    private static final Splitter CELLS = Splitter.on('|').trimResults();

    private final Map<String, Row> rows = new LinkedHashMap<>();

    /** How a key is taken over. */
    enum How {
        /** The value is copied. */
        SAME,
        /** Each value has a counterpart. */
        MAP,
        /** Several keys together decide, in code. */
        RULE,
        /** There is no counterpart. */
        NONE,
        /** It changes nothing of the result. */
        UNNEEDED
    }

    /**
     * A key.
     *
     * @param key its name there
     * @param how how it is taken over
     * @param ours the key here; empty where there is none
     * @param values for {@link How#MAP} their values to ours; an empty value of ours says nothing
     * @param otherwise what the program takes where the key is not set; empty where that is what this one takes too
     * @param remark a reason, or what to do instead; may be empty
     */
    record Row(String key, How how, String ours, Map<String, String> values, String otherwise, String remark) {}

    /** The tables of a program, in their order. */
    static KeyTable of(Program program) {
        KeyTable table = new KeyTable();
        program.tables().forEach(table::add);
        return table;
    }

    /** One of a program's tables alone. */
    static KeyTable of(Program program, String name) {
        if (!program.tables().contains(name)) {
            throw new IllegalArgumentException(program + " has no table '" + name + "'");
        }
        KeyTable table = new KeyTable();
        table.add(name);
        return table;
    }

    private void add(String name) {
        try (Stream<String> lines = Resources.asCharSource(
                        Resources.getResource(KeyTable.class, name + ".txt"), StandardCharsets.UTF_8)
                .lines()) {
            lines.filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(KeyTable::row)
                    .forEach(row -> rows.putIfAbsent(row.key(), row));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Row row(String line) {
        List<String> cells = CELLS.splitToList(line);
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : Splitter.on(';').omitEmptyStrings().split(cell(cells, 3))) {
            int sign = pair.indexOf('=');
            values.put(pair.substring(0, sign).strip(), pair.substring(sign + 1).strip());
        }
        return new Row(
                cell(cells, 0),
                How.valueOf(cell(cells, 1).toUpperCase(Locale.ROOT)),
                cell(cells, 2),
                values,
                cell(cells, 4),
                cell(cells, 5));
    }

    private static String cell(List<String> cells, int index) {
        return index < cells.size() ? cells.get(index) : "";
    }

    @Nullable
    Row find(String key) {
        return rows.get(key);
    }

    Iterable<Row> rows() {
        return rows.values();
    }
}
