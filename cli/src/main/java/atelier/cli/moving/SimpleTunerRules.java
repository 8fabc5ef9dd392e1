package atelier.cli.moving;

import atelier.common.file.JsonText;
import atelier.common.file.TextFile;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** SimpleTuner's configuration, and the files of data and of LyCORIS that it names. */
final class SimpleTunerRules extends Rules {
    private static final double MEGAPIXEL = 1024.0 * 1024;

    SimpleTunerRules(ForeignSettings theirs, Translation ours) {
        super(theirs, ours);
    }

    @Override
    void before() throws IOException {
        requireStableDiffusion(theirs.text("model_family"), "model_family", List.of("sd1x", "sd2x", "sdxl"));
        model("pretrained_model_name_or_path");
        size();
        data();
        method();
        String scale = theirs.truth("lr_scale") ? "; SimpleTuner multiplies it by the images a step (lr_scale)" : "";
        ours.put("optimizer.lr", theirs.number("learning_rate").orElse(4e-7), scale, "learning_rate");
        OptionalDouble gamma = theirs.number("snr_gamma");
        if (gamma.isPresent() && gamma.getAsDouble() > 0) {
            ours.put("objective.weighting", "min_snr", "", "snr_gamma");
            ours.put("objective.min_snr_gamma", gamma.getAsDouble(), "", "snr_gamma");
        }
        if (theirs.truth("offset_noise")) {
            ours.put(
                    "objective.noise_offset",
                    theirs.number("noise_offset").orElse(0.1),
                    "",
                    "offset_noise",
                    "noise_offset");
        }
    }

    private void size() {
        OptionalDouble size = theirs.number("resolution");
        String type = theirs.text("resolution_type", "pixel_area");
        if (size.isEmpty()) {
            return;
        }
        double value = size.getAsDouble();
        double side = type.equals("area") ? Math.round(Math.sqrt(value * MEGAPIXEL) / 64) * 64 : value;
        ours.put(
                "data.resolution",
                side,
                type.equals("area") ? "the root of " + value + " megapixels" : "",
                "resolution");
        ours.put(
                "data.buckets",
                "true",
                "SimpleTuner keeps proportions unless a data set says square",
                "resolution_type");
    }

    private @Nullable JsonNode json(String key) throws IOException {
        String name = theirs.text(key);
        if (name == null) {
            return null;
        }
        Path file = exists(name) ? Path.of(name) : theirs.folder().resolve(name);
        Path beside = theirs.folder().resolve(String.valueOf(Path.of(name).getFileName()));
        if (!Files.isRegularFile(file)) {
            file = beside;
        }
        if (!Files.isRegularFile(file)) {
            ours.without(key, name, "the file is not on this machine; import again where it is");
            return null;
        }
        try {
            return JsonText.mapper().readTree(TextFile.marked(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            ours.without(key, name, "the file is no JSON: " + e.getOriginalMessage());
            return null;
        }
    }

    private void data() throws IOException {
        JsonNode backends = json("data_backend_config");
        SetText sets = new SetText();
        if (backends != null) {
            for (JsonNode backend : backends) {
                backend(sets, backend);
            }
        }
        if (sets.isEmpty()) {
            ours.putNothing("data.pairs", "name your images");
        } else {
            ours.file("sets.toml", sets.toString());
            ours.put("data.pairs", "sets.toml", "the data sets, written beside it", "data_backend_config");
        }
    }

    private void backend(SetText sets, JsonNode backend) {
        String id = backend.path("id").asText("a data set");
        String kind = backend.path("dataset_type").asText("image");
        String place = backend.path("type").asText("local");
        String folder = backend.path("instance_data_dir").asText("");
        if (backend.path("disabled").asBoolean(false) || kind.endsWith("_embeds")) {
            return; // caches are made here without being told
        }
        if (!kind.equals("image") || !place.equals("local") || folder.isEmpty()) {
            ours.without(
                    "data_backend_config",
                    id + ": " + kind + ", " + place,
                    "only folders of images on this machine are read; fetch them first");
            return;
        }
        SetText.Subset subset = sets.subset(folder);
        String prompt = backend.path("instance_prompt").asText(theirs.text("instance_prompt", ""));
        String strategy = backend.path("caption_strategy").asText(theirs.text("caption_strategy", "filename"));
        if (strategy.equals("instanceprompt")
                || backend.path("only_instance_prompt").asBoolean(false)) {
            subset.put("class_tokens", prompt).put("caption_extension", ".none");
        } else if (strategy.equals("filename")) {
            ours.without(
                    "data_backend_config",
                    id + ": caption_strategy=filename",
                    "captions are not taken from file names; write .txt files or a table");
        } else if (!strategy.equals("textfile")) {
            ours.without("data_backend_config", id + ": caption_strategy=" + strategy, "name the table in data.pairs");
        }
        if (backend.path("prepend_instance_prompt").asBoolean(false) && !prompt.isEmpty()) {
            subset.put("caption_prefix", prompt);
        }
        if (backend.has("repeats")) {
            // There, repeats are added to the first time.
            subset.put("num_repeats", backend.path("repeats").asDouble(0) + 1);
        }
        if (backend.path("is_regularisation_data")
                .asBoolean(backend.path("is_regularization_data").asBoolean(false))) {
            subset.put("is_reg", true);
        }
        if (backend.path("crop").asBoolean(false)) {
            ours.put(
                    "data.buckets",
                    String.valueOf(!backend.path("crop_aspect").asText("square").equals("square")),
                    "crop of " + id,
                    "data_backend_config");
            ours.put(
                    "data.crop",
                    backend.path("crop_style").asText("random").equals("random") ? "random" : "centre",
                    "crop_style of " + id,
                    "data_backend_config");
        }
        subset.put("recursive", true).end();
    }

    private void method() throws IOException {
        String type = theirs.text("model_type", "lora");
        if (type.equals("full")) {
            ours.put("train.full_finetune", "true", "", "model_type");
            return;
        }
        if (!type.equals("lora")) {
            ours.without("model_type", type, "a LoRA is trained in its place");
        }
        boolean lycoris = theirs.text("lora_type", "standard").equals("lycoris");
        String rank = theirs.text("lora_rank", "16");
        if (!lycoris) {
            ours.put("adapter.method", theirs.truth("use_dora") ? "dora" : "lora", "", "lora_type", "use_dora");
            ours.put("adapter.rank", rank, "", "lora_rank");
            ours.put("adapter.alpha", theirs.text("lora_alpha", rank), "", "lora_alpha");
            ours.putList("adapter.targets", List.of("attention"), "attention, as SimpleTuner adapts it");
            return;
        }
        JsonNode config = json("lycoris_config");
        if (config == null) {
            return;
        }
        Map<String, String> arguments = new LinkedHashMap<>();
        config.properties().forEach(field -> arguments.put(field.getKey(), Translator.text(field.getValue())));
        String algorithm = arguments.getOrDefault("algo", "lora").toLowerCase(Locale.ROOT);
        arguments.remove("algo");
        ours.put("adapter.method", algorithm.equals("locon") ? "locon" : algorithm, "", "lycoris_config", "lora_type");
        String dimension = arguments.remove("linear_dim");
        if (dimension != null && Double.parseDouble(dimension) >= 10000 && algorithm.equals("lokr")) {
            ours.put(
                    "adapter.full_matrix",
                    "true",
                    "a linear_dim of " + dimension + " means full matrices",
                    "lycoris_config");
            dimension = rank;
        }
        ours.put("adapter.rank", dimension == null ? rank : dimension, "", "lycoris_config");
        String alpha = arguments.remove("linear_alpha");
        ours.put("adapter.alpha", alpha == null ? "1" : alpha, "", "lycoris_config");
        for (String key : List.of("factor", "decompose_both", "full_matrix", "use_tucker")) {
            String value = arguments.remove(key);
            if (value != null) {
                ours.put("adapter." + key, value, "", "lycoris_config");
            }
        }
        arguments.remove("multiplier");
        ours.putList(
                "adapter.targets",
                List.of("attention", "feed_forward"),
                "apply_preset may choose others",
                "lycoris_config");
        arguments.forEach((key, value) ->
                ours.without("lycoris_config", key + "=" + value, "adapter.targets and adapter.exclude choose layers"));
    }

    @Override
    void after() throws IOException {
        Map<String, String> arguments = new LinkedHashMap<>();
        String config = theirs.text("optimizer_config");
        if (config != null) {
            for (String pair : config.split(",(?=[a-z_0-9]+=)")) {
                int sign = pair.indexOf('=');
                if (sign > 0) {
                    arguments.put(
                            pair.substring(0, sign).strip(),
                            pair.substring(sign + 1).strip());
                }
            }
        }
        optimizer(theirs.text("optimizer", "adamw_bf16"), arguments, "optimizer_config", "optimizer");
        OptionalDouble first = theirs.number("optimizer_beta1");
        OptionalDouble second = theirs.number("optimizer_beta2");
        if (first.isPresent() && second.isPresent()) {
            ours.putList(
                    "optimizer.betas",
                    List.of(number(first.getAsDouble()), number(second.getAsDouble())),
                    "",
                    "optimizer_beta1",
                    "optimizer_beta2");
        }
        OptionalDouble steps = theirs.number("max_train_steps");
        OptionalDouble epochs = theirs.number("num_train_epochs");
        if (steps.orElse(0) > 0) {
            ours.put("train.steps", steps.getAsDouble(), "", "max_train_steps");
        } else {
            epochs(epochs.orElse(1), "num_train_epochs");
        }
        schedule(theirs.text("lr_scheduler", "sine"), "lr_scheduler");
        warmup(theirs.number("lr_warmup_steps"), "lr_warmup_steps");
        if ("restarts".equals(ours.plain("schedule.name"))) {
            ours.put(
                    "schedule.cycles",
                    Math.max(1, theirs.number("lr_num_cycles").orElse(1)),
                    "",
                    "lr_num_cycles");
        }
        if ("polynomial".equals(ours.plain("schedule.name"))) {
            ours.put("schedule.power", theirs.number("lr_power").orElse(0.8), "", "lr_power");
        }
        OptionalDouble end = theirs.number("lr_end");
        if (end.isPresent()) {
            double rate = theirs.number("learning_rate").orElse(4e-7);
            ours.put("schedule.minimum", end.getAsDouble() / rate, "lr_end / learning_rate", "lr_end");
        }
        if (theirs.truth("use_ema")) {
            ours.put("optimizer.ema_decay", theirs.number("ema_decay").orElse(0.995), "", "use_ema", "ema_decay");
        }
        every("checkpoint_step_interval", "checkpointing_steps", "train.save_every");
        every("validation_step_interval", "validation_steps", "train.sample_every");
        samples();
    }

    private void every(String key, String older, String here) {
        String found = theirs.raw(key) != null ? key : older;
        OptionalDouble steps = theirs.number(found);
        if (steps.isPresent() && steps.getAsDouble() > 0) {
            ours.put(here, steps.getAsDouble(), "", found);
        }
    }

    private void samples() throws IOException {
        List<String> prompts = new ArrayList<>();
        List<String> from = new ArrayList<>();
        String prompt = theirs.text("validation_prompt");
        if (prompt != null) {
            prompts.add(prompt);
            from.add("validation_prompt");
        }
        JsonNode library = json("user_prompt_library");
        if (library != null) {
            library.forEach(
                    each -> prompts.add(each.isObject() ? each.path("prompt").asText() : each.asText()));
            from.add("user_prompt_library");
        }
        if (theirs.truth("validation_disable") || theirs.truth("disable_validation")) {
            ours.putList(
                    "sample.prompts",
                    List.of(),
                    "no samples",
                    theirs.truth("validation_disable") ? "validation_disable" : "disable_validation");
        } else if (!prompts.isEmpty()) {
            ours.putList("sample.prompts", prompts, "", from.toArray(String[]::new));
        }
    }
}
