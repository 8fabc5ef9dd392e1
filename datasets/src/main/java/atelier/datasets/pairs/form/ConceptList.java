package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.SetSettings;
import atelier.datasets.pairs.TextForm;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * OneTrainer's list of concepts, {@code concepts.json}: each a folder with what is done to its images and texts. A concept
 * that is not enabled, or is for validation, is left out with a note; one for prior predictions becomes
 * prior preservation.
 */
final class ConceptList implements PairSource {
    private final Path file;
    private final JsonNode root;
    private final TextForm form;
    private final List<Finding> findings = new ArrayList<>();

    ConceptList(Path file, JsonNode root, TextForm form) {
        this.file = file;
        this.root = root;
        this.form = form;
    }

    @Override
    public PairList read() throws IOException {
        List<PairSets.PairSet> sets = new ArrayList<>();
        for (JsonNode concept : root) {
            String name = name(concept);
            if (!concept.path("enabled").asBoolean(true)) {
                note(name, "is not enabled and is left out", "enable it in the file");
            } else if (type(concept).equals("VALIDATION")) {
                note(name, "is for validation and is left out", "set validation.pairs to its folder");
            } else {
                sets.add(set(concept, name));
            }
        }
        if (sets.isEmpty()) {
            throw new FindingException(
                    Finding.error(Origin.of(file), null, "none of its concepts is enabled for training", "enable one"));
        }
        return new PairSets(sets, findings).read();
    }

    private static String name(JsonNode concept) {
        String name = concept.path("name").asText("");
        return name.isBlank() ? concept.path("path").asText() : name;
    }

    private static String type(JsonNode concept) {
        boolean validation = concept.path("validation_concept").asBoolean(false);
        return validation
                ? "VALIDATION"
                : concept.path("type").asText("STANDARD").toUpperCase(Locale.ROOT);
    }

    private PairSets.PairSet set(JsonNode concept, String name) throws IOException {
        Path folder = PairSets.placed(file, concept.path("path").asText());
        JsonNode text = concept.path("text");
        boolean named = text.path("prompt_source").asText("sample").equals("filename");
        if (named) {
            note(
                    name,
                    "takes captions from file names, which is not done here: images without a caption file are left"
                            + " out",
                    "write caption files, or set data.caption");
        }
        told(concept, name);
        return new PairSets.PairSet(
                folder,
                folder,
                captions(text, name),
                concept.path("include_subdirectories").asBoolean(false),
                repeats(concept, name),
                concept.path("loss_weight").asDouble(1),
                type(concept).equals("PRIOR_PREDICTION"),
                null,
                null,
                null,
                settings(concept, text));
    }

    /** A concept may have one text for all of its images. */
    private TextForm captions(JsonNode text, String name) throws IOException {
        if (!text.path("prompt_source").asText("sample").equals("concept")) {
            return form;
        }
        Path prompts = PairSets.placed(file, text.path("prompt_path").asText());
        if (!Files.isRegularFile(prompts)) {
            throw new FindingException(Finding.error(
                    Origin.of(file),
                    null,
                    name + ": its text file '" + prompts + "' does not exist",
                    "correct prompt_path"));
        }
        List<String> lines = form.read(Files.readAllBytes(prompts))
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        if (lines.size() > 1) {
            note(name, "has " + lines.size() + " texts for all of its images, of which the first is used", "name one");
        }
        // Caption files beside its images do not count then: no file has an ending of two letters and a blank.
        return new TextForm(form.encoding(), form.lines(), lines.isEmpty() ? "" : lines.get(0)).withExtension(" -");
    }

    private int repeats(JsonNode concept, String name) {
        double repeats =
                concept.path("balancing").asDouble(concept.path("repeats").asDouble(1));
        boolean samples = concept.path("balancing_strategy").asText("REPEATS").equals("SAMPLES");
        long whole = samples ? 1 : Math.max(1, Math.round(repeats));
        if (samples) {
            note(
                    name,
                    "counts samples an epoch (" + repeats + "), which is not done here; each image counts once",
                    "set balancing_strategy to REPEATS");
        } else if (whole != repeats) {
            note(name, "repeats its images " + repeats + " times, which becomes " + whole, "use whole numbers");
        }
        return Math.toIntExact(whole);
    }

    private static SetSettings settings(JsonNode concept, JsonNode text) {
        boolean dropout = text.path("tag_dropout_enable").asBoolean(false);
        boolean shuffle = text.path("enable_tag_shuffling").asBoolean(false);
        String delimiter = text.path("tag_delimiter").asText(",");
        return new SetSettings(
                null,
                null,
                null,
                true,
                shuffle,
                text.path("keep_tags_count").asInt(1),
                delimiter.isBlank() ? "," : delimiter,
                dropout ? text.path("tag_dropout_probability").asDouble(0) : 0,
                null,
                concept.path("image").path("enable_random_flip").asBoolean(false) ? 0.5 : 0);
    }

    /** What is done to images there that has no counterpart. */
    private void told(JsonNode concept, String name) {
        List<String> without = new ArrayList<>();
        for (JsonNode part : List.of(concept.path("image"), concept.path("text"))) {
            part.properties().forEach(field -> {
                String key = field.getKey();
                boolean known = key.equals("enable_random_flip")
                        || key.equals("enable_tag_shuffling")
                        || key.equals("enable_crop_jitter")
                        || key.equals("tag_dropout_enable");
                if (field.getValue().asBoolean(false) && field.getValue().isBoolean() && !known) {
                    without.add(key);
                }
            });
        }
        if (!without.isEmpty()) {
            note(name, "asks for " + String.join(", ", without) + ", which is not done here", "see docs/moving.md");
        }
    }

    private void note(String name, String fact, String remedy) {
        findings.add(Finding.warning(Origin.of(file), null, "the concept '" + name + "' " + fact, remedy));
    }
}
