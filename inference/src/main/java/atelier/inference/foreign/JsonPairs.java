package atelier.inference.foreign;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A JSON object's values as pairs: those that are known under new names, the others under their own. */
final class JsonPairs {
    private final JsonNode object;
    private final Set<String> silent;
    private final Map<String, String> pairs = new LinkedHashMap<>();

    /** @param silent keys that ask for nothing, or that are read otherwise */
    JsonPairs(JsonNode object, Set<String> silent) {
        this.object = object;
        this.silent = silent;
    }

    /** Puts a value under AUTOMATIC1111's name for it. */
    JsonPairs rename(String key, String name) {
        JsonNode value = object.path(key);
        if (asks(value)) {
            pairs.put(name, text(value));
        }
        return this;
    }

    JsonPairs put(String name, String value) {
        pairs.put(name, value);
        return this;
    }

    /** All pairs, with whatever else the object asks for. */
    Map<String, String> withTheRest(Set<String> renamed) {
        object.properties().forEach(entry -> {
            if (!silent.contains(entry.getKey()) && !renamed.contains(entry.getKey()) && asks(entry.getValue())) {
                pairs.putIfAbsent(entry.getKey(), text(entry.getValue()));
            }
        });
        return pairs;
    }

    /** Whether a value says anything: null, false, nothing and empty lists do not. */
    static boolean asks(JsonNode value) {
        return !(value.isMissingNode()
                || value.isNull()
                || (value.isBoolean() && !value.asBoolean())
                || (value.isTextual() && value.asText().isBlank())
                || (value.isContainerNode() && value.isEmpty()));
    }

    static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }
}
