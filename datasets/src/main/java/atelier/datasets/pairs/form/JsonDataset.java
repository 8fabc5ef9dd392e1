package atelier.datasets.pairs.form;

import atelier.common.file.JsonText;
import atelier.common.file.TextFile;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.TextForm;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A {@code .json} file of pairs: OneTrainer's list of concepts, or sd-scripts' metadata by image. */
final class JsonDataset {
    private JsonDataset() {}

    /** @throws FindingException when it is neither */
    static PairSource open(Path file, Path images, TextForm form) throws FindingException {
        JsonNode root = parse(file);
        if (root.isArray() && root.size() > 0 && root.get(0).path("path").isTextual()) {
            return new ConceptList(file, root, form);
        }
        if (root.isObject() && root.size() > 0 && root.elements().next().isObject()) {
            return new ImageMetadata(file, root, images, form);
        }
        throw new FindingException(Finding.error(
                Origin.of(file),
                null,
                "is no list of concepts (OneTrainer) and no metadata by image (sd-scripts)",
                "give one of these, or a .jsonl file with an object a line"));
    }

    private static JsonNode parse(Path file) throws FindingException {
        try {
            return JsonText.mapper().readTree(TextFile.marked(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getLineNr());
            throw new FindingException(
                    Finding.error(
                            new Origin(file, line), null, "is no JSON: " + e.getOriginalMessage(), "correct the line"),
                    e);
        } catch (IOException e) {
            throw new FindingException(
                    Finding.error(Origin.of(file), null, "cannot be read: " + e.getMessage(), "look at the file"), e);
        }
    }
}
