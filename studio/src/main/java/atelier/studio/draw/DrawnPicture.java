package atelier.studio.draw;

import atelier.inference.request.AdapterChoice;
import java.nio.file.Path;
import java.util.List;

/**
 * A picture that was drawn.
 *
 * @param file below the drawing's folder
 * @param seed of its noise
 * @param prompt as it was drawn, its choices made
 * @param negativePrompt empty for none
 * @param adapters with their weights
 * @param strength factor of the adapters' weights, which is in them already
 */
public record DrawnPicture(
        Path file, long seed, String prompt, String negativePrompt, List<AdapterChoice> adapters, double strength) {
    public DrawnPicture {
        adapters = List.copyOf(adapters);
    }

    /** The file's name. */
    public String name() {
        return String.valueOf(file.getFileName());
    }
}
