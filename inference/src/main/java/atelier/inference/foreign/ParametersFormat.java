package atelier.inference.foreign;

import atelier.common.error.WrongCommandException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The text that AUTOMATIC1111's web UI, Forge, SD.Next and others keep under "parameters": the prompt, a line for the
 * negative prompt, a line of "Key: value" pairs that begins with Steps, and perhaps lines of extensions behind it.
 */
final class ParametersFormat {
    private static final String NEGATIVE = "Negative prompt:";
    private static final Pattern SETTINGS = Pattern.compile("Steps: *\\d.*");
    private static final Pattern KEY = Pattern.compile("[^:,\"{}\\[\\]]+");

    private ParametersFormat() {}

    /** @throws WrongCommandException if no line has the pairs */
    static ForeignRecord read(String text) {
        String[] lines = text.strip().split("\r?\n");
        int settings = lines.length - 1;
        while (settings > 0 && !SETTINGS.matcher(lines[settings]).matches()) {
            settings--;
        }
        if (!SETTINGS.matcher(lines[settings]).matches()) {
            settings = lines.length - 1;
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = settings; i < lines.length; i++) {
            add(lines[i], pairs);
        }
        if (!pairs.containsKey("Steps") || !pairs.containsKey("Seed")) {
            throw new WrongCommandException(
                    "the picture's parameters have no 'Steps: ..., Seed: ...' in their last line, so it cannot be"
                            + " made again from them");
        }
        StringBuilder prompt = new StringBuilder();
        StringBuilder negative = new StringBuilder();
        boolean isNegative = false;
        for (int i = 0; i < settings; i++) {
            String line = lines[i].strip();
            if (!isNegative && line.startsWith(NEGATIVE)) {
                isNegative = true;
                line = line.substring(NEGATIVE.length()).strip();
            }
            StringBuilder part = isNegative ? negative : prompt;
            part.append(part.isEmpty() ? "" : "\n").append(line);
        }
        String program = pairs.getOrDefault("App", pairs.getOrDefault("Version", "another program"));
        return new ForeignRecord(program, prompt.toString(), negative.toString(), pairs);
    }

    /** The pairs of a line; what is none stands under its own text with an empty value. */
    static Map<String, String> pairs(String line) {
        Map<String, String> pairs = new LinkedHashMap<>();
        add(line, pairs);
        return pairs;
    }

    private static void add(String line, Map<String, String> into) {
        int at = 0;
        while (at < line.length()) {
            int colon = line.indexOf(':', at);
            String key = colon < 0 ? "" : line.substring(at, colon);
            if (colon < 0 || !KEY.matcher(key).matches()) {
                int comma = line.indexOf(',', at);
                int end = comma < 0 ? line.length() : comma;
                String rest = line.substring(at, end).strip();
                if (!rest.isEmpty()) {
                    into.putIfAbsent(rest, "");
                }
                at = end + 1;
                continue;
            }
            int from = colon + 1;
            while (from < line.length() && line.charAt(from) == ' ') {
                from++;
            }
            int end = end(line, from);
            into.putIfAbsent(key.strip(), unquoted(line.substring(from, end).strip()));
            int comma = line.indexOf(',', end);
            at = comma < 0 ? line.length() : comma + 1;
        }
    }

    /** Where a value ends: behind its closing quotation mark or bracket, else at the next comma. */
    private static int end(String line, int from) {
        char open = from < line.length() ? line.charAt(from) : ',';
        int end = switch (open) {
            case '"' -> closing(line, from, '"', '"');
            case '{' -> closing(line, from, '{', '}');
            case '[' -> closing(line, from, '[', ']');
            case '(' -> closing(line, from, '(', ')');
            default -> -1;
        };
        int comma = line.indexOf(',', Math.max(end, from));
        return comma < 0 ? line.length() : comma;
    }

    private static int closing(String line, int from, char open, char close) {
        int depth = 0;
        boolean quoted = false;
        for (int i = from; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\') {
                i++;
            } else if (open == '"' && c == '"') {
                if (i > from) {
                    return i;
                }
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && c == open) {
                depth++;
            } else if (!quoted && c == close) {
                depth--;
                if (depth == 0) {
                    return i;
                }
            }
        }
        return -1;
    }

    private static String unquoted(String value) {
        if (value.length() < 2 || !value.startsWith("\"") || !value.endsWith("\"")) {
            return value;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < value.length() - 1; i++) {
            char c = value.charAt(i);
            if (c == '\\' && i + 1 < value.length() - 1) {
                i++;
                text.append(value.charAt(i) == 'n' ? '\n' : value.charAt(i));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
