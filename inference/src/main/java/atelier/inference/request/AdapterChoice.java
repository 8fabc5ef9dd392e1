package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.math.BlockStrength;
import java.nio.file.Path;
import java.util.List;

/**
 * An adapter and how much of it is wanted.
 *
 * @param file a .safetensors file, or PEFT's folder
 * @param weight that its update is multiplied by
 * @param blocks further factors in parts of the model
 */
public record AdapterChoice(Path file, double weight, List<BlockStrength> blocks) {
    public AdapterChoice {
        blocks = List.copyOf(blocks);
    }

    /** The same everywhere. */
    public AdapterChoice(Path file, double weight) {
        this(file, weight, List.of());
    }

    /** Reads {@code file} or {@code file:weight}. */
    public static AdapterChoice parse(String text) {
        int colon = text.lastIndexOf(':');
        String tail = text.substring(colon + 1);
        if (colon > 0 && tail.matches("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)")) {
            return new AdapterChoice(Path.of(text.substring(0, colon)), Double.parseDouble(tail));
        }
        if (text.isBlank()) {
            throw new WrongCommandException("an adapter is a file, or file:weight");
        }
        return new AdapterChoice(Path.of(text), 1);
    }

    /** The same adapter with its weight multiplied. */
    AdapterChoice times(double factor) {
        return new AdapterChoice(file, weight * factor, blocks);
    }

    /** The same adapter with other strengths in parts. */
    AdapterChoice in(List<BlockStrength> parts) {
        return new AdapterChoice(file, weight, parts);
    }
}
