package atelier.studio.draw;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody asks to be drawn, before it is checked.
 *
 * @param origin the interface that it is asked through: api, sdapi or openai
 * @param model name of the model; null for the one that the studio was started with
 * @param set values of generate's keys; adapters stand by name, NAME or NAME:WEIGHT
 * @param pictures by the keys that they are sent for: init_image, mask, from_image
 * @param grid layout of a grid; null for none
 */
public record AskedDrawing(
        String origin,
        @Nullable String model,
        Map<String, Object> set,
        Map<String, SentPicture> pictures,
        @Nullable GridLayout grid) {
    public AskedDrawing {
        set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
        pictures = Map.copyOf(pictures);
    }
}
