package atelier.datasets.consent.conformance;

import atelier.datasets.consent.embedded.EmbeddedSignals;
import atelier.datasets.consent.web.Captured;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Judges captured headers and image files: {@code cases=FILE}, a JSON array of {@code {"name", "headers": {}}} or
 * {@code {"name", "image"}}; {@code out=FILE} gets an object from name to the reason, or null where nothing objects.
 */
public final class HeaderVerdicts {
    private HeaderVerdicts() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> options = Fuzz.options(args);
        ObjectMapper json = new ObjectMapper();
        ObjectNode out = json.createObjectNode();
        for (JsonNode node : json.readTree(Path.of(options.get("cases")).toFile())) {
            String reason;
            if (node.has("image")) {
                byte[] bytes = Files.readAllBytes(Path.of(node.get("image").asText()));
                reason = EmbeddedSignals.of(bytes).objections().stream()
                        .map(EmbeddedSignals.Objection::reason)
                        .findFirst()
                        .orElse(null);
            } else {
                Map<String, List<String>> headers = new TreeMap<>();
                node.get("headers")
                        .fields()
                        .forEachRemaining(h -> headers.put(
                                h.getKey().toLowerCase(Locale.ROOT),
                                List.of(h.getValue().asText())));
                reason = new Captured(headers, null)
                        .signals(null, false, false).stream()
                                .map(s -> s.reason())
                                .findFirst()
                                .orElse(null);
            }
            out.put(node.get("name").asText(), reason);
        }
        json.writerWithDefaultPrettyPrinter()
                .writeValue(Path.of(options.get("out")).toFile(), out);
    }
}
