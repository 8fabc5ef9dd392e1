package atelier.cli.moving;

import atelier.common.file.JsonText;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What became of another program's settings: keys here with their values and reasons, and what has no counterpart. */
final class Translation {
    private static final ObjectMapper JSON = JsonText.mapper();
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    /** Keys here whose values are texts, whatever they look like. */
    private static final Pattern TEXT =
            Pattern.compile("model\\.(path|vae)|run\\..*|data\\.(pairs|images|prior_pairs|masks"
                    + "|caption|caption_prefix|caption_suffix|trigger_word|tag_separator)|export\\.(author|description|licence)"
                    + "|adapter\\.init_from|sample\\.negative_prompt|train\\.cache_dir|device");

    private static final Pattern PATH =
            Pattern.compile("model\\.(path|vae)|data\\.(pairs|images|prior_pairs|masks)|adapter\\.init_from|run\\.dir");

    private final Map<String, Line> lines = new LinkedHashMap<>();
    private final List<Without> without = new ArrayList<>();
    private final List<Without> unneeded = new ArrayList<>();
    private final Map<String, String> files = new LinkedHashMap<>();

    /**
     * A key that is set.
     *
     * @param value as a file has it
     * @param from the other program's keys that decide it; empty where it is that program's default
     * @param remark the reason, or what must be looked at
     */
    record Line(String value, List<String> from, String remark) {}

    /** A key of the other program that sets nothing here. */
    record Without(String key, String value, String remark) {}

    /** Sets a key to a text, a number or a truth value, as it is written. */
    void put(String ours, String value, String remark, String... from) {
        lines.put(ours, new Line(literal(ours, value), List.of(from), remark));
    }

    void put(String ours, double value, String remark, String... from) {
        String text = value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
        lines.put(ours, new Line(text, List.of(from), remark));
    }

    /** Sets a key to a list of texts, or of names where none needs quotes. */
    void putList(String ours, List<String> values, String remark, String... from) {
        String list = values.stream()
                .map(value -> value.matches("[a-z_]+|[0-9.eE+-]+") ? value : quoted(value))
                .collect(Collectors.joining(", ", "[", "]"));
        lines.put(ours, new Line(list, List.of(from), remark));
    }

    /** Sets a key to null, which is another thing than not to set it. */
    void putNothing(String ours, String remark, String... from) {
        lines.put(ours, new Line("null", List.of(from), remark));
    }

    /** Says of a key that it has no counterpart, and what to do instead. */
    void without(String key, String value, String remark) {
        without.add(new Without(key, value, remark));
    }

    /** Says of a key that it changes nothing of the result here. */
    void unneeded(String key, String value, String remark) {
        unneeded.add(new Without(key, value, remark));
    }

    /** A file to be written beside the experiment. */
    void file(String name, String text) {
        files.put(name, text);
    }

    /**
     * Relative paths of the other program start from where the user stands, those of an experiment from the repository's
     * root: where these differ, paths become absolute.
     */
    void placed(Path stands, Path root) {
        if (stands.normalize().equals(root.normalize())) {
            return;
        }
        for (Map.Entry<String, Line> entry : lines.entrySet()) {
            String path = plain(entry.getKey());
            if (PATH.matcher(entry.getKey()).matches() && path != null && !path.equals("null")) {
                Path placed = stands.resolve(path);
                if (Files.exists(placed) || entry.getKey().equals("run.dir")) {
                    Line line = entry.getValue();
                    entry.setValue(new Line(quoted(placed.normalize().toString()), line.from(), line.remark()));
                }
            }
        }
    }

    /** Takes a key back that cannot stand together with others, and says why. */
    void take(String ours, String why) {
        Line line = lines.remove(ours);
        if (line != null && !line.from().isEmpty()) {
            without(line.from().get(0), line.value(), why);
        }
    }

    boolean has(String ours) {
        return lines.containsKey(ours);
    }

    @Nullable
    String value(String ours) {
        Line line = lines.get(ours);
        return line == null ? null : line.value();
    }

    /** The value of a key that was set, without quotes; null where it was not. */
    @Nullable
    String plain(String ours) {
        String value = value(ours);
        return value == null ? null : value.replaceAll("^\"|\"$", "");
    }

    Map<String, Line> lines() {
        return lines;
    }

    List<Without> withoutCounterpart() {
        return without;
    }

    List<Without> unneeded() {
        return unneeded;
    }

    Map<String, String> files() {
        return files;
    }

    /** Every key of the other program that was told of. */
    Set<String> told() {
        Set<String> told = new LinkedHashSet<>();
        lines.values().forEach(line -> told.addAll(line.from()));
        without.forEach(each -> told.add(each.key()));
        unneeded.forEach(each -> told.add(each.key()));
        return told;
    }

    private static String literal(String ours, String value) {
        if (TEXT.matcher(ours).matches()) {
            return quoted(value);
        }
        if (NUMBER.matcher(value).matches()) {
            return value.replaceFirst("^\\+", "").replaceFirst("^(-?)\\.", "$10.");
        }
        if (value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")) {
            return value.toLowerCase(Locale.ROOT);
        }
        return value.matches("[a-z_][a-z0-9_]*") ? value : quoted(value);
    }

    /** In quotes, as JSON has it. */
    static String quoted(String text) {
        try {
            return JSON.writeValueAsString(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
