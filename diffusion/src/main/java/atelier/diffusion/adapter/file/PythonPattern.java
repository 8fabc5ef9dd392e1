package atelier.diffusion.adapter.file;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A regular expression in Python's words, as PEFT's patterns are, for Java's engine. */
final class PythonPattern {
    private PythonPattern() {}

    /**
     * PEFT's rule (get_pattern_key): the whole of a module's path, or its end after a dot, matches the expression.
     *
     * @throws PatternSyntaxException when it is no regular expression
     */
    static boolean matches(String expression, String path) {
        // Python's $ also stands before a last line break, which paths do not have.
        return Pattern.compile("(.*\\.)?(" + java(expression) + ")$")
                .matcher(path)
                .lookingAt();
    }

    /** Named groups, {,n} and \Z are written otherwise; brackets within a class stand for themselves. */
    private static String java(String expression) {
        StringBuilder out = new StringBuilder();
        boolean inClass = false;
        for (int i = 0; i < expression.length(); i++) {
            char c = expression.charAt(i);
            String rest = expression.substring(i);
            if (c == '\\' && i + 1 < expression.length()) {
                out.append(rest.startsWith("\\Z") ? "\\z" : rest.substring(0, 2));
                i++;
            } else if (inClass) {
                boolean plain = c == '[' || c == '&';
                out.append(plain ? "\\" : "").append(c);
                // A bracket that comes first belongs to the class.
                inClass = c != ']'
                        || out.charAt(out.length() - 2) == '['
                        || out.toString().endsWith("[^]");
            } else if (rest.startsWith("(?P<")) {
                out.append("(?<");
                i += 3;
            } else if (rest.startsWith("(?P=")) {
                int end = rest.indexOf(')');
                out.append("\\k<").append(rest, 4, Math.max(4, end)).append('>');
                i += Math.max(4, end);
            } else if (rest.startsWith("{,")) {
                out.append("{0,");
                i++;
            } else {
                out.append(c);
                inClass = c == '[';
            }
        }
        return out.toString();
    }
}
