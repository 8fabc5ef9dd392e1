package atelier.cli.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Finds the known names that a mistyped one was most likely meant to be. */
public final class NearestNames {
    private static final int SHOWN = 3;

    private NearestNames() {}

    /** Known names close to {@code name}, nearest first, three at most; a dotted name is also matched by its last word. */
    public static List<String> of(String name, Collection<String> known) {
        record Scored(String name, double distance) {}
        List<Scored> near = known.stream()
                .map(candidate -> new Scored(candidate, distance(name, candidate)))
                .filter(scored -> scored.distance() <= Math.max(2, name.length() / 3))
                .sorted(Comparator.comparingDouble(Scored::distance).thenComparing(Scored::name))
                .toList();
        return near.stream()
                .filter(scored -> scored.distance() <= near.get(0).distance() + 1)
                .limit(SHOWN)
                .map(Scored::name)
                .toList();
    }

    /** "did you mean X or Y?", or {@code otherwise} where nothing is near. */
    public static String question(String name, Collection<String> known, String otherwise) {
        List<String> near = of(name, known);
        return near.isEmpty() ? otherwise : "did you mean " + String.join(" or ", near) + "?";
    }

    private static double distance(String name, String candidate) {
        if (name.length() > 2 && candidate.startsWith(name)) {
            return 1;
        }
        double whole = edits(name, candidate);
        String word = lastWord(name);
        String other = lastWord(candidate);
        // A right last word in the wrong section (rank for adapter.rank) is nearer than two wrong letters.
        double words = edits(word, other);
        return words > Math.max(1, word.length() / 4) ? whole : Math.min(whole, words + 1);
    }

    private static String lastWord(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
    static int edits(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int best = Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1);
                best = Math.min(best, cost[i - 1][j - 1] + same);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    best = Math.min(best, cost[i - 2][j - 2] + 1);
                }
                cost[i][j] = best;
            }
        }
        return cost[a.length()][b.length()];
    }
}
