package atelier.diffusion.weights.adapter;

import atelier.diffusion.weights.Component;
import java.util.Comparator;

/**
 * A layer that an adapter changes.
 *
 * @param component the network
 * @param path diffusers' (transformers') path of the layer, without {@code .weight}
 */
public record ModuleKey(Component component, String path) implements Comparable<ModuleKey> {
    private static final Comparator<ModuleKey> ORDER =
            Comparator.comparing(ModuleKey::component).thenComparing(ModuleKey::path);

    @Override
    public int compareTo(ModuleKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return component.folder() + "." + path;
    }
}
