package atelier.inference.picture;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a checker said of a picture.
 *
 * @param checker its name
 * @param flagged whether it objected
 * @param action what was done: none, tag, blur or block
 * @param scores by name
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record SafetyNote(String checker, boolean flagged, String action, Map<String, Double> scores) {
    public SafetyNote {
        scores = Collections.unmodifiableMap(new TreeMap<>(scores));
    }
}
