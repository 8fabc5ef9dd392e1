package atelier.diffusion.adapter.settings;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.weights.name.Component;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Patterns that choose layers: a path in which a star stands for anything, or a group's name. */
public final class LayerPattern {
    private LayerPattern() {}

    /** A layer of a network; text encoders' names stand before their layers' paths, since two of them are alike. */
    public record Named(Component network, Layer layer) {
        String name() {
            return network.isTextEncoder() ? network.folder() + "." + layer.path() : layer.path();
        }
    }

    public static boolean fits(String pattern, Named named) {
        if (pattern.equals(named.layer().group().name().toLowerCase(Locale.ROOT))) {
            return true;
        }
        String expression = Pattern.quote(pattern).replace("*", "\\E.*\\Q");
        return Pattern.matches(expression, named.name());
    }

    /** What the longest fitting pattern says, or what holds otherwise. */
    public static <T> T choose(Map<String, T> byPattern, Named layer, T otherwise) {
        return byPattern.entrySet().stream()
                .filter(entry -> fits(entry.getKey(), layer))
                .max(Comparator.<Map.Entry<String, T>>comparingInt(
                                entry -> entry.getKey().length())
                        .thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getValue)
                .orElse(otherwise);
    }

    /** Refuses a pattern that fits no layer: it would do nothing. */
    public static void checkUsed(String key, Iterable<String> patterns, List<Named> layers) {
        for (String pattern : patterns) {
            if (layers.stream().noneMatch(layer -> fits(pattern, layer))) {
                throw new WrongCommandException(key + ": '" + pattern + "' fits no layer that adapter.targets names;"
                        + " layers are called " + layers.get(0).name() + " and the like, and * stands for anything");
            }
        }
    }
}
