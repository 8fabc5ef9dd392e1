package atelier.inference;

import java.nio.file.Path;

/**
 * An adapter and how much of it is wanted.
 *
 * @param file a .safetensors file, or PEFT's folder
 * @param weight that its update is multiplied by
 */
public record AdapterChoice(Path file, double weight) {
    /** Reads {@code file} or {@code file:weight}. */
    public static AdapterChoice parse(String text) {
        int colon = text.lastIndexOf(':');
        String tail = text.substring(colon + 1);
        if (colon > 0 && tail.matches("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)")) {
            return new AdapterChoice(Path.of(text.substring(0, colon)), Double.parseDouble(tail));
        }
        if (text.isBlank()) {
            throw new IllegalArgumentException("an adapter is a file, or file:weight");
        }
        return new AdapterChoice(Path.of(text), 1);
    }

    /** The same adapter with its weight multiplied. */
    AdapterChoice times(double factor) {
        return new AdapterChoice(file, weight * factor);
    }
}
