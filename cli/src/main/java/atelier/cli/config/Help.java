package atelier.cli.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What {@code --help} says of a command's settings: every key with its type (from the record), its default (composed
 * from {@code configs/}) and its meaning (the comment above it there).
 */
public final class Help {
    private static final int WIDTH = 100;

    private Help() {}

    /** One line of the table. */
    public record Line(String key, String type, String value, String meaning) {}

    /** Every key of {@code settings}, in the record's order; a key without a comment has an empty meaning. */
    public static List<Line> lines(Composition composition, Class<? extends Record> settings) {
        Map<String, ConfigValue> values = composition.values();
        List<Line> lines = new ArrayList<>();
        for (SettingKey key : SettingKey.of(settings)) {
            ConfigValue value = values.get(key.name());
            lines.add(new Line(
                    key.name(),
                    key.typeText(),
                    value == null ? "(missing)" : plain(value),
                    composition.comments().getOrDefault(key.name(), "")));
        }
        return lines;
    }

    /** What follows the command's summary: the groups with their options, and the keys. */
    public static String page(ConfigFolder folder, Composition composition, Class<? extends Record> settings) {
        StringBuilder page = new StringBuilder();
        if (!composition.choices().isEmpty()) {
            page.append(
                    "Groups: group=option picks one, group=[one,two] several, group=FILE.conf your own; [ ] is the default\n");
            composition.choices().entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> page.append(String.format(
                            Locale.ROOT,
                            "  %-12s %s%n",
                            entry.getKey(),
                            folder.options(entry.getKey()).stream()
                                    .map(option -> entry.getValue().contains(option) ? "[" + option + "]" : option)
                                    .collect(Collectors.joining("  ")))));
            page.append('\n');
        }
        page.append("Keys: key=value\n");
        for (Line line : lines(composition, settings)) {
            String head = "  " + line.key() + " = " + line.value();
            String type = "(" + line.type() + ")";
            if (head.length() + type.length() <= WIDTH) {
                page.append(head).append("  ").append(type).append('\n');
            } else {
                page.append(head).append('\n');
                wrap(type, page);
            }
            wrap(line.meaning(), page);
        }
        return page.toString();
    }

    private static void wrap(String text, StringBuilder page) {
        StringBuilder row = new StringBuilder();
        for (String word : text.split(" ")) {
            if (row.length() + word.length() > WIDTH - 8) {
                page.append("        ").append(row.toString().strip()).append('\n');
                row.setLength(0);
            }
            row.append(word).append(' ');
        }
        if (!row.toString().isBlank()) {
            page.append("        ").append(row.toString().strip()).append('\n');
        }
    }

    /** A value as one would type it. */
    static String plain(ConfigValue value) {
        if (value.valueType() == ConfigValueType.STRING) {
            String text = (String) value.unwrapped();
            return text.isEmpty() ? "\"\"" : text;
        }
        if (value instanceof ConfigList list) {
            return list.stream().map(Help::plain).collect(Collectors.joining(", ", "[", "]"));
        }
        return value.valueType() == ConfigValueType.NUMBER
                ? value.atKey("v").getString("v")
                : value.render(ConfigRenderOptions.concise());
    }
}
