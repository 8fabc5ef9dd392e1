package atelier.studio.check;

import atelier.cli.config.Problem;
import java.util.Comparator;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which field of a form a problem belongs to. */
final class ProblemKey {
    private static final Pattern OVERRIDE = Pattern.compile("override '[+~]?([^=']+)=?.*'", Pattern.DOTALL);

    private ProblemKey() {}

    /**
     * The key that a problem is about: the one that its text names, the longest of several, else the one that was changed.
     *
     * @param keys all that there are
     * @return null where it is about none
     */
    static @Nullable String of(Problem problem, Set<String> keys) {
        Matcher override = OVERRIDE.matcher(problem.place());
        String named = keys.stream()
                .filter(key -> names(problem.place(), key) || names(problem.fact(), key))
                .max(Comparator.comparingInt(String::length))
                .orElse(null);
        if (override.matches()) {
            String changed = override.group(1).strip();
            return named != null && !keys.contains(changed) ? named : changed;
        }
        return named;
    }

    /** Whether a text holds a key as a word, not as part of a longer one. */
    private static boolean names(String text, String key) {
        for (int at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
            int end = at + key.length();
            boolean begins = at == 0 || !isWord(text.charAt(at - 1));
            boolean ends = end == text.length()
                    || !isWord(text.charAt(end))
                    || (text.charAt(end) == '.' && (end + 1 == text.length() || !isWord(text.charAt(end + 1))));
            if (begins && ends && key.contains(".")) {
                return true;
            }
            if (begins && ends && at == 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '.';
    }
}
