package atelier.cli.moving;

import atelier.common.file.TextFile;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** sd-scripts' images, before all else, and its prompts of samples, after it. */
final class KohyaData extends Rules {
    /** What a data set in a file of its own may say that is an option here. */
    private static final Map<String, String> OF_DATASETS = Map.of(
            "enable_bucket", "data.buckets",
            "min_bucket_reso", "data.bucket_min",
            "max_bucket_reso", "data.bucket_max",
            "bucket_reso_steps", "data.bucket_step",
            "batch_size", "train.batch_size",
            "validation_split", "validation.fraction",
            "validation_seed", "validation.seed");

    KohyaData(ForeignSettings theirs, Translation ours) {
        super(theirs, ours);
    }

    @Override
    void before() throws IOException {
        String config = theirs.text("dataset_config");
        String table = theirs.text("in_json");
        String folder = theirs.text("train_data_dir");
        if (config != null) {
            ours.put("data.pairs", config, "read as it is", "dataset_config");
            ofDatasets(config);
        } else if (table != null) {
            ours.put("data.pairs", table, "", "in_json");
            if (folder != null) {
                ours.put("data.images", folder, "the images' folder", "train_data_dir");
            }
        } else if (folder != null) {
            ours.put("data.pairs", folder, "repeats as in folder names such as 10_name", "train_data_dir");
        } else {
            ours.putNothing("data.pairs", "name your images");
        }
        String prior = theirs.text("reg_data_dir");
        if (prior != null) {
            ours.put("data.prior_pairs", prior, "prior preservation", "reg_data_dir");
        }
        for (String key : List.of("caption_extension", "caption_extention")) {
            String extension = theirs.text(key);
            if (extension != null && !extension.matches("\\.?(txt|caption)")) {
                ours.without(key, extension, "caption files end in .txt or .caption; rename them");
            }
        }
        String masks = theirs.text("conditioning_data_dir");
        if (masks != null) {
            ours.put("data.masks", masks, "", "conditioning_data_dir");
            ours.put("data.mask", "file", "masks are files", "conditioning_data_dir");
        }
        for (String key : List.of("resolution", "max_resolution")) {
            String size = theirs.text(key);
            if (size != null) {
                resolution(size, key);
            }
        }
    }

    /** Data sets say some things that are settings of the run here. */
    private void ofDatasets(String config) throws IOException {
        Path file = exists(config) ? Path.of(config) : theirs.folder().resolve(config);
        if (!Files.isRegularFile(file)) {
            return;
        }
        JsonNode root;
        try {
            root = new TomlMapper().readTree(TextFile.marked(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            return; // train says where the fault is
        }
        JsonNode general = root.path("general");
        for (JsonNode dataset : root.path("datasets")) {
            OF_DATASETS.forEach((key, here) -> {
                JsonNode value = dataset.has(key) ? dataset.get(key) : general.get(key);
                if (value != null) {
                    ours.put(here, value.asText(), "of the data set", "dataset_config");
                }
            });
            JsonNode size = dataset.has("resolution") ? dataset.get("resolution") : general.get("resolution");
            if (size != null) {
                resolution(
                        size.isArray()
                                ? size.path(0).asText() + "," + size.path(1).asText()
                                : size.asText(),
                        "dataset_config");
            }
        }
    }

    @Override
    void after() throws IOException {
        String prompts = theirs.text("sample_prompts");
        if (prompts == null) {
            return;
        }
        List<String> lines = new ArrayList<>();
        if (exists(prompts) && Files.isRegularFile(Path.of(prompts)) && prompts.endsWith(".txt")) {
            lines.addAll(Files.readAllLines(Path.of(prompts), StandardCharsets.UTF_8));
        } else if (prompts.contains("\n") || prompts.contains(" ")) {
            lines.addAll(prompts.lines().toList()); // kohya_ss keeps the prompts themselves
        }
        List<String> texts = new ArrayList<>();
        for (String line : lines) {
            if (!line.isBlank() && !line.strip().startsWith("#")) {
                texts.add(line.replaceFirst("\\s+--.*$", "").strip());
                option(line, "n", "sample.negative_prompt");
                option(line, "l", "sample.guidance_scale");
                option(line, "s", "sample.steps");
                option(line, "d", "sample.seed");
            }
        }
        if (texts.isEmpty()) {
            ours.without("sample_prompts", prompts, "no prompts could be read there; list them in sample.prompts");
        } else {
            ours.putList(
                    "sample.prompts",
                    texts,
                    "width, height and adapter weights of single prompts are not taken over",
                    "sample_prompts");
        }
    }

    /** An option within a prompt's line; that of the first prompt counts for all. */
    private void option(String line, String letter, String here) {
        Matcher found = Pattern.compile("\\s--" + letter + "\\s+(.*?)(?=\\s--[a-z]+\\s|$)")
                .matcher(line);
        if (found.find() && !ours.has(here)) {
            ours.put(here, found.group(1).strip(), "of the first prompt that says so", "sample_prompts");
        }
    }
}
