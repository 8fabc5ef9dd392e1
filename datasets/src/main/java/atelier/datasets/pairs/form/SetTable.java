package atelier.datasets.pairs.form;

import atelier.common.file.TextFile;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.SetSettings;
import atelier.datasets.pairs.TextForm;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@code .toml} file that names several sets of images, as sd-scripts' {@code --dataset_config} has it: {@code
 * [[datasets]]} with {@code [[datasets.subsets]]}; a value of {@code [general]} or of a data set counts for all subsets
 * below it that do not say otherwise. A subset may also say {@code creator}, {@code licence}, {@code source}, {@code
 * trigger_word}, {@code loss_weight} and {@code recursive}, which sd-scripts does not know.
 *
 * <p>Source: sd-scripts, docs/config_README-en.md.
 */
final class SetTable implements PairSource {
    private static final TomlMapper TOML = new TomlMapper();
    /** Keys of data sets that are settings of a run here, and which. */
    private static final Map<String, String> OF_THE_RUN = new LinkedHashMap<>();

    static {
        OF_THE_RUN.put("resolution", "data.resolution");
        OF_THE_RUN.put("batch_size", "train.batch_size");
        OF_THE_RUN.put("enable_bucket", "data.buckets");
        OF_THE_RUN.put("min_bucket_reso", "data.bucket_min");
        OF_THE_RUN.put("max_bucket_reso", "data.bucket_max");
        OF_THE_RUN.put("bucket_reso_steps", "data.bucket_step");
        OF_THE_RUN.put("bucket_no_upscale", "data.bucket_upscale");
        OF_THE_RUN.put("prior_loss_weight", "objective.prior_loss_weight");
        OF_THE_RUN.put("max_token_length", "data.max_token_length");
        OF_THE_RUN.put("validation_split", "validation.fraction");
        OF_THE_RUN.put("validation_seed", "validation.seed");
        OF_THE_RUN.put("random_crop", "data.crop");
    }

    private static final List<String> UNSUPPORTED = List.of(
            "color_aug",
            "face_crop_aug_range",
            "caption_dropout_every_n_epochs",
            "keep_tokens_separator",
            "secondary_separator",
            "token_warmup_step",
            "conditioning_data_dir",
            "resize_interpolation");

    private final Path file;
    private final TextForm form;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param file the TOML file; relative paths in it start from its folder
     * @param form how texts are read where a subset says nothing of it
     */
    SetTable(Path file, TextForm form) {
        this.file = file;
        this.form = form;
    }

    @Override
    public PairList read() throws IOException {
        JsonNode root = parse();
        JsonNode general = root.path("general");
        List<PairSets.PairSet> sets = new ArrayList<>();
        Map<String, String> ofTheRun = new LinkedHashMap<>();
        int number = 0;
        for (JsonNode dataset : root.path("datasets")) {
            for (String key : OF_THE_RUN.keySet()) {
                JsonNode value = dataset.has(key) ? dataset.get(key) : general.get(key);
                if (value != null) {
                    ofTheRun.put(key, value.toString());
                }
            }
            for (JsonNode subset : dataset.path("subsets")) {
                number++;
                SetFields fields = new SetFields(file, "subset " + number, List.of(subset, dataset, general));
                fields.know("subsets", "custom_attributes", "cache_info", "network_multiplier", "debug_dataset");
                fields.know("token_warmup_min", "alpha_mask");
                sets.add(set(fields));
                String unknown = fields.unknown();
                if (unknown != null) {
                    throw fields.fault(
                            "the key '" + unknown + "' is not known",
                            "see docs/training.md for the keys, or take it out");
                }
            }
        }
        if (sets.isEmpty()) {
            throw new FindingException(Finding.error(
                    Origin.of(file),
                    null,
                    "it names no images: it has no [[datasets.subsets]]",
                    "add [[datasets]] and below it [[datasets.subsets]] with image_dir"));
        }
        if (!ofTheRun.isEmpty()) {
            List<String> keys = new ArrayList<>();
            ofTheRun.forEach((key, value) -> keys.add(key + " = " + value + " (" + OF_THE_RUN.get(key) + ")"));
            findings.add(Finding.note(
                    Origin.of(file),
                    null,
                    "these are settings of the run, and are not taken from here: " + String.join(", ", keys),
                    "set the keys in brackets; the command import does so"));
        }
        return new PairSets(sets, findings).read();
    }

    private JsonNode parse() throws IOException {
        String text = TextFile.marked(Files.readAllBytes(file), StandardCharsets.UTF_8);
        try {
            return TOML.readTree(text);
        } catch (JsonProcessingException e) {
            throw new FindingException(
                    Finding.error(
                            new Origin(
                                    file,
                                    Math.max(
                                            0,
                                            e.getLocation() == null
                                                    ? 0
                                                    : e.getLocation().getLineNr())),
                            null,
                            "is no TOML: " + e.getOriginalMessage(),
                            "correct the line"),
                    e);
        }
    }

    private PairSets.PairSet set(SetFields fields) throws FindingException {
        OF_THE_RUN.keySet().forEach(fields::know);
        String folder = fields.text("image_dir");
        String table = fields.text("metadata_file");
        if (folder == null && table == null) {
            throw fields.fault("it names no image_dir", "add image_dir = \"FOLDER\"");
        }
        for (String key : UNSUPPORTED) {
            String value = fields.unsupported(key);
            if (value != null) {
                findings.add(fields.warning(
                        key + " = " + value + " has no counterpart and is passed over", "see docs/moving.md"));
            }
        }
        Path images = folder == null ? file.resolveSibling("") : PairSets.placed(file, folder);
        return new PairSets.PairSet(
                table == null ? images : PairSets.placed(file, table),
                images,
                texts(fields),
                fields.truth("recursive", table != null),
                fields.whole("num_repeats", 0, 1),
                fields.number("loss_weight", 0, Integer.MAX_VALUE, 1),
                fields.truth("is_reg", false),
                fields.text("creator"),
                fields.text("licence"),
                fields.text("source"),
                settings(fields));
    }

    private TextForm texts(SetFields fields) throws FindingException {
        String extension = fields.text("caption_extension");
        String caption = fields.text("class_tokens");
        TextForm own = caption == null ? form : new TextForm(form.encoding(), form.lines(), caption);
        return extension == null ? own : own.withExtension(extension);
    }

    private static SetSettings settings(SetFields fields) throws FindingException {
        Boolean flip = fields.truth("flip_aug");
        return new SetSettings(
                fields.text("caption_prefix"),
                fields.text("caption_suffix"),
                fields.text("trigger_word"),
                fields.truth("enable_wildcard"),
                fields.truth("shuffle_caption"),
                fields.whole("keep_tokens", 0),
                fields.text("caption_separator"),
                fields.number("caption_tag_dropout_rate", 0, 1),
                fields.number("caption_dropout_rate", 0, 1),
                flip == null ? null : flip ? 0.5 : 0);
    }
}
