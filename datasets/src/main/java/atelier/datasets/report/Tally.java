package atelier.datasets.report;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts how often names come up. */
public final class Tally {
    private final Map<String, Integer> counts = new HashMap<>();

    /** A name and how often it came up. */
    public record Count(String name, int count) {}

    void add(String name) {
        counts.merge(name, 1, Integer::sum);
    }

    /** How many different names came up. */
    public int distinct() {
        return counts.size();
    }

    public int of(String name) {
        return counts.getOrDefault(name, 0);
    }

    /** The most frequent first, equal ones by name. */
    public List<Count> top(int limit) {
        return counts.entrySet().stream()
                .map(e -> new Count(e.getKey(), e.getValue()))
                .sorted(Comparator.comparingInt(Count::count).reversed().thenComparing(Count::name))
                .limit(limit)
                .toList();
    }

    public List<Count> all() {
        return top(Integer.MAX_VALUE);
    }
}
