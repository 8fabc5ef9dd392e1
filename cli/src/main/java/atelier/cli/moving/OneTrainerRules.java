package atelier.cli.moving;

import atelier.common.file.JsonText;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** OneTrainer's configuration. */
final class OneTrainerRules extends Rules {
    private static final int TIMESTEPS = 1000;

    OneTrainerRules(ForeignSettings theirs, Translation ours) {
        super(theirs, ours);
    }

    @Override
    void before() throws IOException {
        requireStableDiffusion(
                theirs.text("model_type"),
                "model_type",
                List.of("stable_diffusion_(15|20|20_base|21|21_base|xl_10_base|15_inpainting|xl_10_base_inpainting)"));
        model("base_model_name");
        String vae = theirs.text("vae.model_name");
        if (vae != null) {
            ours.put("model.vae", vae, "", "vae.model_name");
        }
        concepts();
        resolution(theirs.text("resolution", "512"), "resolution");
        method();
        text();
        losses();
    }

    private void concepts() {
        JsonNode inline = theirs.node("concepts");
        String file = theirs.text("concept_file_name");
        if (inline != null && inline.isArray() && inline.size() > 0) {
            ours.file("concepts.json", inline.toPrettyString() + "\n");
            ours.put("data.pairs", "concepts.json", "the concepts within the file, written beside it", "concepts");
        } else if (file != null) {
            ours.put("data.pairs", file, exists(file) ? "read as it is" : "not on this machine", "concept_file_name");
        } else {
            ours.putNothing("data.pairs", "name your images");
        }
    }

    private void method() {
        String training = theirs.text("training_method", "LORA");
        String type = theirs.text("peft_type", "LORA");
        if (training.equals("FINE_TUNE")) {
            ours.put("train.full_finetune", "true", "", "training_method");
        } else if (!training.equals("LORA")) {
            ours.without("training_method", training, "a LoRA is trained in its place");
        }
        String method = switch (type) {
            case "LORA" -> theirs.truth("lora_decompose") ? "dora" : "lora";
            case "LOHA" -> "loha";
            case "LOKR" -> "lokr";
            case "OFT_2" -> "oft";
            default -> "";
        };
        if (method.isEmpty()) {
            ours.without("peft_type", type, "not among the methods; a LoRA is trained in its place");
        }
        ours.put(
                "adapter.method",
                method.isEmpty() ? "lora" : method,
                "",
                method.equals("dora") ? new String[] {"peft_type", "lora_decompose"} : new String[] {"peft_type"});
        boolean lokr = method.equals("lokr") && theirs.raw("lokr_dim") != null;
        String rank = lokr ? theirs.text("lokr_dim") : theirs.text("lora_rank", "16");
        ours.put("adapter.rank", Objects.requireNonNull(rank), "", lokr ? "lokr_dim" : "lora_rank");
        String preset = theirs.text("layer_filter_preset", "full");
        switch (preset) {
            case "attn-only" -> ours.putList("adapter.targets", List.of("attention"), "", "layer_filter_preset");
            case "attn-mlp" ->
                ours.putList(
                        "adapter.targets",
                        List.of("attention", "feed_forward", "projections"),
                        "",
                        "layer_filter_preset");
            default ->
                ours.putList(
                        "adapter.targets",
                        List.of(
                                "attention",
                                "feed_forward",
                                "projections",
                                "resnets",
                                "samplers",
                                "time_embedding",
                                "other"),
                        "all layers, as OneTrainer adapts them",
                        "layer_filter_preset");
        }
    }

    private void text() {
        OptionalDouble general = theirs.number("learning_rate");
        OptionalDouble unet = theirs.number("unet.learning_rate");
        double rate = unet.orElse(general.orElse(3e-6));
        String scaler = theirs.text("learning_rate_scaler", "NONE");
        double factor = switch (scaler) {
            case "BATCH" -> theirs.number("batch_size").orElse(1);
            case "GRADIENT_ACCUMULATION" ->
                theirs.number("gradient_accumulation_steps").orElse(1);
            case "BOTH" ->
                theirs.number("batch_size").orElse(1)
                        * theirs.number("gradient_accumulation_steps").orElse(1);
            default -> 1;
        };
        double scaled = rate * Math.sqrt(factor);
        ours.put(
                "optimizer.lr",
                scaled,
                factor == 1 ? "" : "times the root of " + number(factor) + " (" + scaler + ")",
                unet.isPresent() ? "unet.learning_rate" : "learning_rate");
        boolean trained = theirs.truth("text_encoder.train") || theirs.truth("text_encoder_2.train");
        ours.put("adapter.text_encoders", String.valueOf(trained), "", "text_encoder.train");
        OptionalDouble text = theirs.number("text_encoder.learning_rate");
        if (trained && text.isPresent()) {
            ours.put(
                    "optimizer.text_encoder_lr",
                    text.getAsDouble() * Math.sqrt(factor),
                    "",
                    "text_encoder.learning_rate");
        }
    }

    private void losses() {
        double mse = theirs.number("mse_strength").orElse(1);
        double huber = theirs.number("huber_strength").orElse(0);
        ours.put(
                "objective.loss",
                huber > mse ? "huber" : "mse",
                huber > 0 && mse > 0 ? "the stronger of two losses" : "",
                huber > mse ? "huber_strength" : "mse_strength");
        if (huber > mse) {
            ours.put("objective.huber_c", theirs.number("huber_delta").orElse(1), "", "huber_delta");
            ours.put("objective.huber_schedule", "constant", "OneTrainer's does not depend on the timestep");
        }
        String weight = theirs.text("loss_weight_fn", "CONSTANT");
        String found = switch (weight.toUpperCase(Locale.ROOT)) {
            case "CONSTANT" -> "none";
            case "MIN_SNR_GAMMA" -> "min_snr";
            case "P2" -> "p2";
            case "DEBIASED_ESTIMATION" -> "debiased";
            default -> "";
        };
        if (found.isEmpty()) {
            ours.without("loss_weight_fn", weight, "not among the weightings");
        } else {
            ours.put("objective.weighting", found, "", "loss_weight_fn");
        }
        if (found.equals("min_snr")) {
            ours.put(
                    "objective.min_snr_gamma",
                    theirs.number("loss_weight_strength").orElse(5),
                    "",
                    "loss_weight_strength");
        } else if (found.equals("p2")) {
            ours.put("objective.p2_gamma", theirs.number("loss_weight_strength").orElse(1), "", "loss_weight_strength");
        }
        double least = theirs.number("min_noising_strength").orElse(0);
        double most = theirs.number("max_noising_strength").orElse(1);
        if (least > 0) {
            ours.put("objective.min_timestep", Math.floor(least * TIMESTEPS), "", "min_noising_strength");
        }
        if (most < 1) {
            ours.put("objective.max_timestep", Math.ceil(most * TIMESTEPS), "", "max_noising_strength");
        }
        if (theirs.truth("masked_training")) {
            ours.put("objective.masked_loss", "true", "", "masked_training");
            ours.put("data.mask", "file", "NAME-masklabel.png beside NAME.jpg", "masked_training");
        }
    }

    @Override
    void after() throws IOException {
        optimizer(theirs.text("optimizer.optimizer", "ADAMW"), Map.of(), "optimizer.optimizer", "optimizer.optimizer");
        OptionalDouble first = theirs.number("optimizer.beta1");
        OptionalDouble second = theirs.number("optimizer.beta2");
        if (first.isPresent() && second.isPresent()) {
            ours.putList(
                    "optimizer.betas",
                    List.of(number(first.getAsDouble()), number(second.getAsDouble())),
                    "",
                    "optimizer.beta1",
                    "optimizer.beta2");
        }
        OptionalDouble eps = theirs.number("optimizer.eps");
        if (eps.isPresent() && !"adafactor".equals(ours.plain("optimizer.name"))) {
            ours.put("optimizer.eps", eps.getAsDouble(), "", "optimizer.eps");
        }
        OptionalDouble growth = theirs.number("optimizer.growth_rate");
        if (growth.isPresent()) {
            ours.put(
                    "optimizer.prodigy.growth_rate",
                    Math.min(growth.getAsDouble(), 1e300),
                    "",
                    "optimizer.growth_rate");
        }
        epochs(theirs.number("epochs").orElse(100), "epochs");
        schedule(theirs.text("learning_rate_scheduler", "CONSTANT"), "learning_rate_scheduler");
        OptionalDouble warmup = theirs.number("learning_rate_warmup_steps");
        warmup(OptionalDouble.of(warmup.orElse(200)), "learning_rate_warmup_steps");
        if ("restarts".equals(ours.plain("schedule.name"))) {
            ours.put(
                    "schedule.cycles",
                    Math.max(1, theirs.number("learning_rate_cycles").orElse(1)),
                    "",
                    "learning_rate_cycles");
        }
        String ema = theirs.text("ema", "OFF");
        if (!ema.equals("OFF")) {
            ours.put("optimizer.ema_decay", theirs.number("ema_decay").orElse(0.999), "", "ema", "ema_decay");
        }
        String destination = theirs.text("output_model_destination");
        if (destination != null) {
            ours.put("run.name", stem(destination), "by the name of the file", "output_model_destination");
        }
        interval("save_every", "save_every_unit", "train.save_every");
        if (!ours.has("train.save_every")) {
            interval("backup_after", "backup_after_unit", "train.save_every");
        }
        interval("sample_after", "sample_after_unit", "train.sample_every");
        if (theirs.truth("validation")) {
            interval("validate_after", "validate_after_unit", "validation.every");
        }
        samples();
    }

    private static String stem(String path) {
        String name = path.replaceFirst(".*[/\\\\]", "");
        return name.replaceFirst("\\.(safetensors|ckpt|pt)$", "");
    }

    /** So often, in steps; minutes and hours have no counterpart. */
    private void interval(String key, String unitKey, String here) throws IOException {
        OptionalDouble often = theirs.number(key);
        String unit = theirs.text(unitKey, key.equals("save_every") ? "NEVER" : "MINUTE");
        if (often.isEmpty() || often.getAsDouble() == 0 || unit.equals("NEVER")) {
            return;
        }
        if (unit.equals("STEP")) {
            ours.put(here, often.getAsDouble(), "", key, unitKey);
            return;
        }
        OptionalDouble steps = unit.equals("EPOCH") ? epochSteps(often.getAsDouble()) : OptionalDouble.empty();
        if (steps.isPresent()) {
            ours.put(here, steps.getAsDouble(), number(often.getAsDouble()) + " epochs", key, unitKey);
        } else {
            ours.without(key, number(often.getAsDouble()) + " " + unit, "set " + here + " to a number of steps");
        }
    }

    private void samples() throws IOException {
        JsonNode samples = theirs.node("samples");
        String file = theirs.text("sample_definition_file_name");
        String key = "samples";
        if ((samples == null || samples.isEmpty()) && file != null && exists(file)) {
            samples = JsonText.mapper().readTree(Files.readString(Path.of(file)));
            key = "sample_definition_file_name";
        }
        List<String> prompts = new ArrayList<>();
        if (samples != null) {
            for (JsonNode sample : samples) {
                if (sample.path("enabled").asBoolean(true)
                        && !sample.path("prompt").asText("").isBlank()) {
                    prompts.add(sample.path("prompt").asText());
                    first(sample.get("negative_prompt"), "sample.negative_prompt", key);
                    first(sample.get("seed"), "sample.seed", key);
                    first(sample.get("diffusion_steps"), "sample.steps", key);
                    first(sample.get("cfg_scale"), "sample.guidance_scale", key);
                }
            }
        }
        if (!prompts.isEmpty()) {
            ours.putList("sample.prompts", prompts, "sizes and samplers of single prompts are not taken over", key);
        }
    }

    private void first(@Nullable JsonNode value, String here, String key) {
        if (value != null && !value.asText().isBlank() && !ours.has(here)) {
            ours.put(here, value.asText(), "of the first sample", key);
        }
    }
}
