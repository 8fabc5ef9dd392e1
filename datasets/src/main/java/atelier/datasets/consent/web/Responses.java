package atelier.datasets.consent.web;

import atelier.common.error.MalformedException;
import atelier.common.error.RefusedException;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.consent.list.JsonLines;
import atelier.datasets.consent.list.ListDigest;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Captured replies, one a line: {@code {"url": "...", "headers": {"X-Robots-Tag": "noai"}, "html": "..."}}. A header's
 * value is a text or a list of texts; headers and html may be missing, not both.
 */
public final class Responses {
    private Responses() {}

    /** Takes a reply and where it was captured. */
    public interface Handler {
        void reply(WebAddress address, Captured reply, long line);
    }

    /** @throws RefusedException naming file and line when the file is missing or broken somewhere */
    public static ListDigest read(Path file, Handler handler) {
        return JsonLines.read(file, "optout.responses", (node, line) -> {
            for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                if (!List.of("url", "headers", "html").contains(name) && !name.startsWith("x_")) {
                    throw new MalformedException(
                            "'" + name + "' is no name that a reply has; the names are url, headers, html");
                }
            }
            JsonNode html = node.path("html");
            boolean page = html.isTextual();
            if (!node.path("url").isTextual() || (!page && !node.path("headers").isObject())) {
                throw new MalformedException("a reply has a url, and headers or html");
            }
            handler.reply(
                    WebAddress.parse(node.path("url").asText()),
                    new Captured(headers(node.path("headers")), page ? html.asText() : null),
                    line);
        });
    }

    private static Map<String, List<String>> headers(JsonNode object) {
        Map<String, List<String>> headers = new TreeMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> i = object.fields(); i.hasNext(); ) {
            Map.Entry<String, JsonNode> field = i.next();
            List<String> values =
                    headers.computeIfAbsent(field.getKey().strip().toLowerCase(Locale.ROOT), n -> new ArrayList<>());
            if (field.getValue().isArray()) {
                field.getValue().forEach(v -> values.add(text(field.getKey(), v)));
            } else {
                values.add(text(field.getKey(), field.getValue()));
            }
        }
        return headers;
    }

    private static String text(String name, JsonNode value) {
        if (!value.isValueNode() || value.isNull()) {
            throw new MalformedException("the value of header " + name + " is no text");
        }
        return value.asText();
    }
}
