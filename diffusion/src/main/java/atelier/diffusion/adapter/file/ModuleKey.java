package atelier.diffusion.adapter.file;

import atelier.diffusion.weights.name.Component;
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

    /** {@code unet.down_blocks.1}, {@code unet.mid_block}, {@code text_encoder.layers.3}. */
    public String block() {
        String[] parts = path.replace("text_model.encoder.", "").split("\\.");
        boolean numbered = parts.length > 1 && parts[1].chars().allMatch(Character::isDigit);
        return component.folder() + "." + parts[0] + (numbered ? "." + parts[1] : "");
    }

    @Override
    public int compareTo(ModuleKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return component.folder() + "." + path;
    }
}
