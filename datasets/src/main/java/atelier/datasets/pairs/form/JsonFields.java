package atelier.datasets.pairs.form;

import atelier.common.file.JsonText;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts a JSON object's values into a row of pairs. */
final class JsonFields {
    private static final ObjectReader READER =
            JsonText.mapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private JsonFields() {}

    /** Parses a text that must be one JSON object; a row's fault says when it is not. */
    static void put(PairCollector collector, String text) {
        JsonNode node;
        try {
            node = READER.readTree(text);
        } catch (JsonProcessingException e) {
            collector.fault("is no JSON object: " + e.getOriginalMessage(), "write one object {\"file_name\": ...}");
            return;
        }
        if (!node.isObject()) {
            collector.fault("is no JSON object", "write one object {\"file_name\": ...}");
            return;
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            put(collector, Column.of(field.getKey()), field.getValue());
        }
    }

    private static void put(PairCollector collector, Column column, JsonNode value) {
        if (!value.isArray()) {
            boolean number = column.role() == Column.Role.WEIGHT || column.role() == Column.Role.REPEATS;
            collector.put(column, !number && isNaN(value) ? null : text(value));
            return;
        }
        switch (column.role()) {
            case CAPTION, ALTERNATIVE -> {
                Column next = column;
                for (JsonNode each : value) {
                    collector.put(next, text(each));
                    next = new Column(Column.Role.ALTERNATIVE, column.name());
                }
            }
            case IMAGE, CREATOR, LICENCE, SOURCE, WEIGHT, REPEATS, EXTRA -> collector.put(column, value.toString());
        }
    }

    /** What stands for a missing text. */
    private static boolean isNaN(JsonNode value) {
        return value.isNumber() && Double.isNaN(value.doubleValue());
    }

    private static @Nullable String text(JsonNode value) {
        return value.isNull() ? null : value.isValueNode() ? value.asText() : value.toString();
    }
}
