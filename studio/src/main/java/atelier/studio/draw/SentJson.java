package atelier.studio.draw;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a program sent as JSON, in Java's own values. */
public final class SentJson {
    /** Bytes of a body with pictures, which are base64 and so a third longer than their files. */
    public static final long MOST = 64 << 20;

    private SentJson() {}

    /** Text, whole number, number, truth, list, map or null. */
    public static @Nullable Object plain(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue();
        } else if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.longValue();
        } else if (value.isNumber()) {
            return value.doubleValue();
        } else if (value.isBoolean()) {
            return value.booleanValue();
        } else if (value.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            value.forEach(each -> list.add(plain(each)));
            return list;
        } else if (value.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            value.fields().forEachRemaining(each -> map.put(each.getKey(), plain(each.getValue())));
            return map;
        }
        return null;
    }
}
