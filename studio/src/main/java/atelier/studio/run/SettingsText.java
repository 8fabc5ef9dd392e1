package atelier.studio.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Single values of a saved resolved.conf, read line by line in the form in which runs write it: a
 * section's beginning, a key with its value, and a section's end have a line each. For lists of a thousand runs, where composing each would take seconds.
 */
final class SettingsText {
    private SettingsText() {}

    /** Values by whole key, without quotes; lists and what spans lines are left out. */
    static Map<String, String> values(Path resolved) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        Deque<String> sections = new ArrayDeque<>();
        boolean list = false;
        for (String line : Files.readAllLines(resolved)) {
            String text = line.strip();
            if (list) {
                list = !text.equals("]");
            } else if (text.endsWith("{")) {
                sections.addLast(text.substring(0, text.length() - 1).strip());
            } else if (text.equals("}")) {
                sections.pollLast();
            } else if (text.endsWith("=[")) {
                list = true;
            } else {
                int equals = text.indexOf('=');
                if (equals > 0) {
                    String prefix = sections.isEmpty() ? "" : String.join(".", sections) + ".";
                    values.put(prefix + text.substring(0, equals), plain(text.substring(equals + 1)));
                }
            }
        }
        return values;
    }

    private static String plain(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted
                ? value.substring(1, value.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\")
                : value;
    }
}
