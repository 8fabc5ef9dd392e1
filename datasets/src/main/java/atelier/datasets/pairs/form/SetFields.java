package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The values of one set in a file of sets: its own first, then those of the tables around it. Remembers which keys were
 * asked for, so that the others can be told.
 */
final class SetFields {
    private final Path file;
    private final String place;
    private final List<JsonNode> tables;
    private final Set<String> known = new HashSet<>();

    /**
     * @param file the file, for messages
     * @param place which set, for messages
     * @param tables the set's own table first, then those around it
     */
    SetFields(Path file, String place, List<JsonNode> tables) {
        this.file = file;
        this.place = place;
        this.tables = List.copyOf(tables);
    }

    private @Nullable JsonNode find(String key) {
        known.add(key);
        for (JsonNode table : tables) {
            JsonNode value = table.get(key);
            if (value != null && !value.isNull()) {
                return value;
            }
        }
        return null;
    }

    @Nullable
    String text(String key) throws FindingException {
        JsonNode value = find(key);
        if (value != null && !value.isTextual()) {
            throw wrong(key, value, "a text");
        }
        return value == null ? null : value.textValue();
    }

    @Nullable
    Boolean truth(String key) throws FindingException {
        JsonNode value = find(key);
        if (value != null && !value.isBoolean()) {
            throw wrong(key, value, "true or false");
        }
        return value == null ? null : value.booleanValue();
    }

    boolean truth(String key, boolean otherwise) throws FindingException {
        Boolean value = truth(key);
        return value == null ? otherwise : value;
    }

    @Nullable
    Integer whole(String key, int least) throws FindingException {
        Double value = number(key, least, Integer.MAX_VALUE);
        if (value != null && value != Math.rint(value)) {
            throw wrong(key, String.valueOf(value), "a whole number");
        }
        return value == null ? null : value.intValue();
    }

    int whole(String key, int least, int otherwise) throws FindingException {
        Integer value = whole(key, least);
        return value == null ? otherwise : value;
    }

    @Nullable
    Double number(String key, double least, double most) throws FindingException {
        JsonNode value = find(key);
        if (value == null) {
            return null;
        }
        double number = value.isNumber() ? value.doubleValue() : Double.NaN;
        if (!(number >= least && number <= most)) {
            String range = most == Integer.MAX_VALUE ? "from " + least + " on" : "from " + least + " to " + most;
            throw wrong(key, value, "a number " + range.replace(".0", ""));
        }
        return number;
    }

    double number(String key, double least, double most, double otherwise) throws FindingException {
        Double value = number(key, least, most);
        return value == null ? otherwise : value;
    }

    /** The value's text if the key is set to anything but what turns it off; such a key is known, but not supported. */
    @Nullable
    String unsupported(String key) {
        JsonNode value = find(key);
        boolean off = value == null
                || (value.isBoolean() && !value.booleanValue())
                || (value.isNumber() && value.doubleValue() == 0)
                || (value.isTextual() && value.textValue().isEmpty());
        return off || value == null ? null : value.toString();
    }

    void know(String... keys) {
        known.addAll(List.of(keys));
    }

    /** A key of the set's own table that nobody asked for; null where there is none. */
    @Nullable
    String unknown() {
        for (JsonNode table : tables) {
            for (String key : (Iterable<String>) table::fieldNames) {
                if (!known.contains(key)) {
                    return key;
                }
            }
        }
        return null;
    }

    Origin origin() {
        return Origin.of(file);
    }

    FindingException wrong(String key, JsonNode value, String wanted) {
        return wrong(key, value.toString(), wanted);
    }

    private FindingException wrong(String key, String value, String wanted) {
        return new FindingException(
                Finding.error(origin(), null, place + ": " + key + " = " + value + " is not " + wanted, "correct it"));
    }

    FindingException fault(String fact, String remedy) {
        return new FindingException(Finding.error(origin(), null, place + ": " + fact, remedy));
    }

    Finding warning(String fact, String remedy) {
        return Finding.warning(origin(), null, place + ": " + fact, remedy);
    }
}
