package atelier.common.file;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Collection;
import java.util.Optional;

/**
 * JSON as Python writes and reads it: NaN, Infinity and -Infinity stand for numbers, which JSON itself does not have. Whoever
 * needs a number asks {@link #notFinite} first.
 */
public final class JsonText {
    private JsonText() {}

    /** A mapper of its own, to which features may be added. */
    public static JsonMapper mapper() {
        return JsonMapper.builder()
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                .build();
    }

    /** The first of the given keys whose number, or one of whose numbers, is not finite, as "key is NaN". */
    public static Optional<String> notFinite(JsonNode object, Collection<String> keys) {
        return keys.stream()
                .filter(key -> !isFinite(object.path(key)))
                .sorted()
                .findFirst()
                .map(key -> key + " is " + object.path(key).toString().replace("\"", ""));
    }

    private static boolean isFinite(JsonNode value) {
        for (JsonNode each : value) {
            if (!isFinite(each)) {
                return false;
            }
        }
        return !value.isNumber() || Double.isFinite(value.doubleValue());
    }
}
