package atelier.inference.prompt;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The names that a mistyped one was most likely meant to be, for messages. */
public final class NearNames {
    private static final int SHOWN = 5;

    private NearNames() {}

    /** "near it are a, b, c", or "there is none" where nothing is there. */
    public static String of(String name, Collection<String> known) {
        String wanted = name.toLowerCase(Locale.ROOT);
        List<String> near = known.stream()
                .distinct()
                .sorted(Comparator.<String>comparingInt(each -> distance(wanted, each.toLowerCase(Locale.ROOT)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(SHOWN)
                .toList();
        return near.isEmpty() ? "there is none" : "near it are " + String.join(", ", near);
    }

    /** Insertions, deletions and substitutions (Levenshtein); none for a name that holds the wanted one. */
    private static int distance(String wanted, String name) {
        if (name.contains(wanted)) {
            return 0;
        }
        int[] above = new int[name.length() + 1];
        for (int j = 0; j <= name.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= wanted.length(); i++) {
            int[] row = new int[name.length() + 1];
            row[0] = i;
            for (int j = 1; j <= name.length(); j++) {
                int same = wanted.charAt(i - 1) == name.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(above[j - 1] + same, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[name.length()];
    }
}
