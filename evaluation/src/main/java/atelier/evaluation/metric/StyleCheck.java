package atelier.evaluation.metric;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well a {@link StyleDiscriminant} knows real pictures: what a perfect copy of the style can reach at most, and what a
 * picture of another style reaches by chance. Every picture is judged by a discriminant that saw neither it nor any other
 * style's picture of its motif.
 *
 * @param own distances of the first style's pictures to all styles
 * @param others those of each other style's pictures, in the styles' order
 */
public record StyleCheck(List<double[]> own, Map<String, List<double[]>> others) {
    private static final int FOLDS = 8;

    /**
     * A picture of a style.
     *
     * @param motif what it shows: the caption
     * @param statistics as {@link StyleStatistics} gives them
     */
    @SuppressWarnings("ArrayRecordComponent") // shared, never compared
    public record Sample(String motif, double[] statistics) {}

    /**
     * Judges in eight folds of motifs.
     *
     * @param references of each style, the run's own first
     * @param heldOut pictures of the run's own style that are no references; empty judges its references in the folds
     */
    public static StyleCheck of(Map<String, List<Sample>> references, List<Sample> heldOut) {
        Map<String, Integer> folds = new LinkedHashMap<>();
        references
                .values()
                .forEach(own -> own.forEach(sample -> folds.putIfAbsent(sample.motif(), folds.size() % FOLDS)));
        heldOut.forEach(sample -> folds.putIfAbsent(sample.motif(), folds.size() % FOLDS));
        String first = references.keySet().iterator().next();
        Map<String, List<double[]>> found = new LinkedHashMap<>();
        references.keySet().forEach(name -> found.put(name, new ArrayList<>()));
        for (int fold = 0; fold < FOLDS; fold++) {
            int left = fold;
            Map<String, List<double[]>> kept = new LinkedHashMap<>();
            references.forEach((name, own) -> kept.put(name, statistics(own, folds, left, false)));
            if (kept.values().stream().anyMatch(List::isEmpty)
                    || kept.values().stream().mapToInt(List::size).sum() <= kept.size()) {
                continue;
            }
            StyleDiscriminant discriminant = new StyleDiscriminant(kept);
            references.forEach((name, own) -> {
                List<Sample> judged = name.equals(first) && !heldOut.isEmpty() ? heldOut : own;
                for (double[] statistics : statistics(judged, folds, left, true)) {
                    found.computeIfAbsent(name, key -> new ArrayList<>()).add(discriminant.distances(statistics));
                }
            });
        }
        Map<String, List<double[]>> others = new LinkedHashMap<>(found);
        List<double[]> own = others.remove(first);
        return new StyleCheck(own == null ? List.of() : own, others);
    }

    /** Those whose motif is in a fold, or those whose is not. */
    private static List<double[]> statistics(
            List<Sample> samples, Map<String, Integer> folds, int fold, boolean inside) {
        return samples.stream()
                .filter(sample -> (folds.getOrDefault(sample.motif(), -1) == fold) == inside)
                .map(Sample::statistics)
                .toList();
    }

    /** How many of the first style's pictures are nearest to it. */
    public long known() {
        return own.stream()
                .filter(distances -> StyleDiscriminant.lead(distances) > 0)
                .count();
    }

    /** How many pictures of other styles are nearest to the first one. */
    public long mistaken() {
        return others.values().stream()
                .flatMap(List::stream)
                .filter(distances -> StyleDiscriminant.lead(distances) > 0)
                .count();
    }

    /** How many pictures of other styles were judged. */
    public int foreign() {
        return others.values().stream().mapToInt(List::size).sum();
    }

    /** The distances of a style's pictures to their own style. */
    public double[] toOwn(int style) {
        List<double[]> judged = style == 0 ? own : new ArrayList<>(others.values()).get(style - 1);
        return judged.stream().mapToDouble(distances -> distances[style]).toArray();
    }
}
