package atelier.cli.moving;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What another program's configuration says: values by key. Rules read keys here, which remembers them, so that each key
 * is accounted for once.
 */
final class ForeignSettings {
    private final Program program;
    private final String name;
    private final Path folder;
    private final Map<String, JsonNode> values;
    private final Set<String> read = new LinkedHashSet<>();

    /**
     * @param program whose it is
     * @param name how it is called in comments: a file's name, or "the command line"
     * @param folder where its relative paths may start
     * @param values by key; inner objects' keys are joined by dots
     */
    ForeignSettings(Program program, String name, Path folder, Map<String, JsonNode> values) {
        this.program = program;
        this.name = name;
        this.folder = folder;
        this.values = new LinkedHashMap<>(values);
    }

    Program program() {
        return program;
    }

    String name() {
        return name;
    }

    Path folder() {
        return folder;
    }

    /** All keys, in the order of the file. */
    Set<String> keys() {
        return values.keySet();
    }

    /** Keys that a rule has read. */
    boolean wasRead(String key) {
        return read.contains(key);
    }

    /** The values of several files together; later ones win. */
    ForeignSettings with(ForeignSettings other) {
        Map<String, JsonNode> both = new LinkedHashMap<>(values);
        both.putAll(other.values);
        return new ForeignSettings(program, name + " and " + other.name, folder, both);
    }

    /** The value as it is, without counting it as read. */
    @Nullable
    JsonNode raw(String key) {
        return values.get(key);
    }

    @Nullable
    JsonNode node(String key) {
        JsonNode value = values.get(key);
        if (value == null) {
            return null;
        }
        read.add(key);
        return value.isNull() ? null : value;
    }

    /** The value's text; null where it is missing or empty. */
    @Nullable
    String text(String key) {
        JsonNode value = node(key);
        if (value == null) {
            return null;
        }
        String text = value.isValueNode() ? value.asText().strip() : value.toString();
        return text.isEmpty() || text.equalsIgnoreCase("none") ? null : text;
    }

    String text(String key, String otherwise) {
        String text = text(key);
        return text == null ? otherwise : text;
    }

    /** Whether the value says yes. */
    boolean truth(String key) {
        String text = text(key);
        return text != null && (text.equalsIgnoreCase("true") || text.equals("1") || text.equalsIgnoreCase("yes"));
    }

    /** The value as a number; empty where it is missing or none. */
    OptionalDouble number(String key) {
        String text = text(key);
        if (text == null) {
            return OptionalDouble.empty();
        }
        try {
            return OptionalDouble.of(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    /** The value's texts: a list's elements, or the words of a text. */
    List<String> list(String key) {
        JsonNode value = node(key);
        List<String> texts = new ArrayList<>();
        if (value != null && value.isArray()) {
            value.forEach(each -> texts.add(each.asText()));
        } else if (value != null && value.isObject()) {
            value.properties()
                    .forEach(field ->
                            texts.add(field.getKey() + "=" + field.getValue().asText()));
        } else if (value != null) {
            texts.addAll(CommandWords.of(value.asText()));
        }
        return texts;
    }

    /** {@code key=value} texts of a list as a map. */
    Map<String, String> arguments(String key) {
        Map<String, String> arguments = new LinkedHashMap<>();
        for (String text : list(key)) {
            int sign = text.indexOf('=');
            if (sign > 0) {
                arguments.put(
                        text.substring(0, sign).strip(),
                        text.substring(sign + 1).strip());
            }
        }
        return arguments;
    }
}
