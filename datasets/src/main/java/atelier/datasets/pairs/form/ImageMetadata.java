package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.TextForm;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Metadata as sd-scripts' fine-tuning has it ({@code meta_cap_dd.json}): an object by image, whose key is the image's path,
 * with or without its extension, and whose {@code caption} and {@code tags} are joined by a comma. Sizes of latents in it
 * are not needed.
 */
final class ImageMetadata implements PairSource {
    private static final List<String> ENDINGS =
            List.of(".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif");
    private static final Column IMAGE = new Column(Column.Role.IMAGE, "image");
    private static final Column CAPTION = new Column(Column.Role.CAPTION, "caption");

    private final Path file;
    private final JsonNode root;
    private final Path images;
    private final TextForm form;

    ImageMetadata(Path file, JsonNode root, Path images, TextForm form) {
        this.file = file;
        this.root = root;
        this.images = images;
        this.form = form;
    }

    @Override
    public PairList read() {
        PairCollector collector = new PairCollector(images, form);
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            collector.begin(Origin.of(file));
            collector.put(IMAGE, named(entry.getKey()));
            collector.put(CAPTION, caption(entry.getValue()));
            entry.getValue().properties().forEach(field -> {
                Column column = Column.of(field.getKey());
                if (column.role() != Column.Role.CAPTION && column.role() != Column.Role.EXTRA) {
                    collector.put(column, field.getValue().asText());
                }
            });
            collector.end();
        }
        return collector.list();
    }

    /** The file that a key means. */
    private String named(String key) {
        if (ImageNames.isImage(key)) {
            return key;
        }
        return ENDINGS.stream()
                .flatMap(ending -> List.of(key + ending, key + ending.toUpperCase(Locale.ROOT)).stream())
                .filter(name -> Files.exists(images.resolve(name)))
                .findFirst()
                .orElse(key);
    }

    private static String caption(JsonNode value) {
        List<String> parts = new ArrayList<>();
        for (String key : List.of("caption", "tags")) {
            JsonNode text = value.path(key);
            String part = text.isArray() && text.size() > 0 ? text.get(0).asText() : text.asText("");
            if (!part.isBlank()) {
                parts.add(part.strip());
            }
        }
        return String.join(", ", parts);
    }
}
