package atelier.cli.moving;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** The first process of ai-toolkit's job. */
final class AiToolkitRules extends Rules {
    /** Keys of a data set that change nothing of the result here. */
    private static final Set<String> UNNEEDED = Set.of(
            "cache_latents",
            "cache_latents_to_disk",
            "num_workers",
            "prefetch_factor",
            "type",
            "scale",
            "bucket_tolerance",
            "num_frames",
            "shrink_video_to_frames",
            "do_i2v",
            "fps",
            "cache_clip_vision_to_disk",
            "extra_values",
            "debug");

    AiToolkitRules(ForeignSettings theirs, Translation ours) {
        super(theirs, ours);
    }

    @Override
    void before() {
        requireStableDiffusion(theirs.text("model.arch"), "model.arch", List.of("sd1", "sd2", "sdxl", "sd"));
        for (String other : List.of("is_flux", "is_v3", "is_pixart", "is_pixart_sigma", "is_auraflow", "is_lumina2")) {
            if (theirs.truth("model." + other)) {
                requireStableDiffusion(other, "model." + other, List.of("sd"));
            }
        }
        model("model.name_or_path");
        datasets();
        network();
        OptionalDouble rate = theirs.number("train.unet_lr");
        ours.put(
                "optimizer.lr",
                rate.orElse(theirs.number("train.lr").orElse(1e-6)),
                "",
                rate.isPresent() ? "train.unet_lr" : "train.lr");
        for (String key : List.of("train.min_snr_gamma", "train.snr_gamma")) {
            OptionalDouble gamma = theirs.number(key);
            if (gamma.isPresent() && gamma.getAsDouble() > 0) {
                ours.put("objective.weighting", "min_snr", "", key);
                ours.put("objective.min_snr_gamma", gamma.getAsDouble(), "", key);
            }
        }
        OptionalDouble last = theirs.number("train.max_denoising_steps");
        if (last.isPresent() && last.getAsDouble() < 999) {
            ours.put(
                    "objective.max_timestep",
                    last.getAsDouble() + 1,
                    "one past the highest",
                    "train.max_denoising_steps");
        }
        String scheduler = theirs.text("train.noise_scheduler");
        if (scheduler != null && scheduler.equals("flowmatch")) {
            requireStableDiffusion(scheduler, "train.noise_scheduler", List.of("ddpm"));
        } else if (scheduler != null) {
            ours.unneeded("train.noise_scheduler", scheduler, "the model's own schedule of noise");
        }
    }

    private void network() {
        String type = theirs.text("network.type", "lora");
        boolean known = List.of("lora", "locon", "lokr", "dora").contains(type);
        if (!known) {
            ours.without("network.type", type, "not among the methods; a LoRA is trained in its place");
        }
        OptionalDouble conv = theirs.number("network.conv");
        boolean convolutions = conv.orElse(0) > 0;
        boolean full = theirs.keys().stream().noneMatch(key -> key.startsWith("network."));
        ours.put(
                "adapter.method",
                convolutions && type.equals("lora") ? "locon" : known ? type : "lora",
                convolutions ? "convolutions too" : "",
                "network.type");
        if (full) {
            ours.put("train.full_finetune", "true", "no network is named, so that all weights train there");
        }
        String rankKey = theirs.raw("network.linear") != null ? "network.linear" : "network.rank";
        ours.put("adapter.rank", theirs.number(rankKey).orElse(4), "", rankKey);
        String alphaKey = theirs.raw("network.linear_alpha") != null ? "network.linear_alpha" : "network.alpha";
        ours.put("adapter.alpha", theirs.number(alphaKey).orElse(1), "", alphaKey);
        targets(convolutions, convolutions ? "convolutions too" : "transformer layers", "network.transformer_only");
        if (convolutions) {
            ours.put("adapter.conv_rank", conv.getAsDouble(), "", "network.conv");
        }
        JsonNode arguments = theirs.node("network.network_kwargs");
        if (arguments != null) {
            List<String> without = new ArrayList<>();
            arguments.path("ignore_if_contains").forEach(each -> without.add("*" + each.asText() + "*"));
            if (!without.isEmpty()) {
                ours.putList("adapter.exclude", without, "", "network.network_kwargs");
            }
            arguments.properties().forEach(field -> {
                if (!field.getKey().equals("ignore_if_contains")) {
                    ours.without(
                            "network.network_kwargs",
                            field.getKey() + "=" + field.getValue(),
                            "adapter.targets and adapter.exclude choose layers");
                }
            });
        }
    }

    private void datasets() {
        JsonNode datasets = theirs.node("datasets");
        SetText sets = new SetText();
        List<Integer> sizes = new ArrayList<>();
        boolean cropped = false;
        if (datasets != null) {
            for (JsonNode dataset : datasets) {
                String folder = dataset.path("folder_path")
                        .asText(dataset.path("dataset_path").asText(""));
                if (folder.isEmpty()) {
                    ours.without("datasets", dataset.toString(), "it names no folder_path");
                    continue;
                }
                subset(sets, dataset, folder);
                JsonNode size = dataset.path("resolution");
                if (size.isArray()) {
                    size.forEach(each -> sizes.add(each.asInt()));
                } else if (size.isNumber()) {
                    sizes.add(size.asInt());
                }
                cropped |= dataset.path("random_crop").asBoolean(false);
                ours.put("data.buckets", String.valueOf(dataset.path("buckets").asBoolean(true)), "", "datasets");
            }
        }
        if (sets.isEmpty()) {
            ours.putNothing("data.pairs", "name your images");
        } else {
            ours.file("sets.toml", sets.toString());
            ours.put("data.pairs", "sets.toml", "the data sets, written beside it", "datasets");
        }
        int most = sizes.stream().mapToInt(Integer::intValue).max().orElse(512);
        boolean several = sizes.stream().distinct().count() > 1;
        ours.put(
                "data.resolution",
                most,
                several ? "the largest of " + sizes + ": one size is trained at" : "",
                "datasets");
        if (cropped) {
            ours.put("data.crop", "random", "", "datasets");
        }
    }

    private void subset(SetText sets, JsonNode dataset, String folder) {
        SetText.Subset subset = sets.subset(folder);
        dataset.properties().forEach(field -> {
            JsonNode value = field.getValue();
            switch (field.getKey()) {
                case "folder_path", "dataset_path", "resolution", "random_crop", "buckets" -> {
                    // Told elsewhere.
                }
                case "caption_ext" -> subset.put("caption_extension", value.asText());
                case "default_caption" -> {
                    if (!value.isNull()) {
                        subset.put("class_tokens", value.asText());
                    }
                }
                case "trigger_word" -> {
                    if (!value.isNull()) {
                        subset.put("trigger_word", value.asText());
                    }
                }
                case "num_repeats" -> subset.put("num_repeats", value.asDouble());
                case "is_reg", "prior_reg" -> {
                    if (value.asBoolean()) {
                        subset.put("is_reg", true);
                    }
                }
                case "network_weight", "loss_multiplier" -> subset.put("loss_weight", value.asDouble());
                case "token_dropout_rate" -> subset.put("caption_tag_dropout_rate", value.asDouble());
                case "shuffle_tokens" -> subset.put("shuffle_caption", value.asBoolean());
                case "caption_dropout_rate" -> subset.put("caption_dropout_rate", value.asDouble());
                case "keep_tokens" -> subset.put("keep_tokens", value.asDouble());
                case "flip_x" -> subset.put("flip_aug", value.asBoolean());
                case "mask_path", "alpha_mask" ->
                    ours.without(
                            "datasets",
                            field.getKey() + "=" + value,
                            "data.mask=file with data.masks, or data.mask=alpha");
                default -> {
                    boolean off = value.isNull()
                            || (value.isBoolean() && !value.asBoolean())
                            || value.isEmpty() && value.isContainerNode();
                    if (!off && !UNNEEDED.contains(field.getKey())) {
                        ours.without("datasets", field.getKey() + "=" + value, "has no counterpart");
                    }
                }
            }
        });
        subset.put("recursive", true).end();
    }

    @Override
    void after() {
        JsonNode given = theirs.node("train.optimizer_params");
        Map<String, String> arguments = new LinkedHashMap<>();
        if (given != null) {
            given.properties().forEach(field -> arguments.put(field.getKey(), Translator.text(field.getValue())));
        }
        optimizer(theirs.text("train.optimizer", "adamw"), arguments, "train.optimizer_params", "train.optimizer");
        schedule(theirs.text("train.lr_scheduler", "constant"), "train.lr_scheduler");
        ours.put("schedule.warmup", 0, "ai-toolkit warms up only if told to");
        if (theirs.truth("train.ema_config.use_ema")) {
            ours.put(
                    "optimizer.ema_decay",
                    theirs.number("train.ema_config.ema_decay").orElse(0.999),
                    "",
                    "train.ema_config.use_ema",
                    "train.ema_config.ema_decay");
        }
        List<String> prompts = new ArrayList<>();
        JsonNode plain = theirs.node("sample.prompts");
        JsonNode samples = theirs.node("sample.samples");
        if (plain != null) {
            plain.forEach(each -> prompts.add(each.asText()));
        }
        if (samples != null) {
            samples.forEach(each -> prompts.add(each.path("prompt").asText()));
        }
        String trigger = ours.plain("data.trigger_word");
        if (theirs.truth("train.disable_sampling")) {
            ours.putList("sample.prompts", List.of(), "no samples", "train.disable_sampling");
        } else if (!prompts.isEmpty()) {
            List<String> written = prompts.stream()
                    .map(prompt -> prompt.replace("[trigger]", trigger == null ? "" : trigger)
                            .strip())
                    .toList();
            ours.putList(
                    "sample.prompts",
                    written,
                    "sizes and other settings of single prompts are not taken over",
                    plain == null ? "sample.samples" : "sample.prompts");
        }
        String device = ours.plain("device");
        if (device != null && device.equals("cuda")) {
            ours.put("device", "cuda:0", "", "device");
        }
    }
}
