package atelier.diffusion.adapter;

import atelier.diffusion.tensor.Layer;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Patterns that choose layers: a path in which a star stands for anything, or a group's name. */
final class LayerPattern {
    private LayerPattern() {}

    static boolean fits(String pattern, Layer layer) {
        if (pattern.equals(layer.group().name().toLowerCase(Locale.ROOT))) {
            return true;
        }
        String expression = Pattern.quote(pattern).replace("*", "\\E.*\\Q");
        return Pattern.matches(expression, layer.path());
    }

    /** What the longest fitting pattern says, or what holds otherwise. */
    static <T> T choose(Map<String, T> byPattern, Layer layer, T otherwise) {
        return byPattern.entrySet().stream()
                .filter(entry -> fits(entry.getKey(), layer))
                .max(Comparator.<Map.Entry<String, T>>comparingInt(
                                entry -> entry.getKey().length())
                        .thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getValue)
                .orElse(otherwise);
    }

    /** Refuses a pattern that fits no layer: it would do nothing. */
    static void checkUsed(String key, Iterable<String> patterns, List<Layer> layers) {
        for (String pattern : patterns) {
            if (layers.stream().noneMatch(layer -> fits(pattern, layer))) {
                throw new IllegalArgumentException(key + ": '" + pattern + "' fits no layer that adapter.targets names;"
                        + " layers are called " + layers.get(0).path() + " and the like, and * stands for anything");
            }
        }
    }
}
