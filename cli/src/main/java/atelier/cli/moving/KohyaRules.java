package atelier.cli.moving;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** sd-scripts' options, and those that kohya_ss adds. */
final class KohyaRules extends Rules {
    private Map<String, String> network = new LinkedHashMap<>();

    KohyaRules(ForeignSettings theirs, Translation ours) {
        super(theirs, ours);
    }

    @Override
    void before() throws IOException {
        requireStableDiffusion(
                theirs.text("network_module"),
                "network_module",
                List.of(
                        "networks\\.lora",
                        "networks\\.dylora",
                        "networks\\.lora_fa",
                        "networks\\.oft",
                        "networks\\.loha",
                        "networks\\.lokr",
                        "lycoris\\.kohya",
                        "lycoris.*"));
        if (theirs.truth("flux1_checkbox") || theirs.truth("sd3_checkbox")) {
            requireStableDiffusion("Flux or SD 3", "flux1_checkbox or sd3_checkbox", List.of("sd"));
        }
        model("pretrained_model_name_or_path");
        new KohyaData(theirs, ours).before();
        network = theirs.arguments("network_args");
        network();
        textEncoders();
        losses();
    }

    private void network() {
        String module = theirs.text("network_module", "networks.lora");
        String type = theirs.text("LoRA_type");
        String algorithm = network.remove("algo");
        if (algorithm == null) {
            algorithm = type == null ? module.replaceFirst("networks\\.", "") : type.replaceFirst("LyCORIS/", "");
        }
        boolean lycoris = module.startsWith("lycoris") || (type != null && type.startsWith("LyCORIS"));
        String conv = network.remove("conv_dim");
        String convAlpha = network.remove("conv_alpha");
        String convKey = conv == null ? "conv_dim" : "network_args";
        if (conv == null && (lycoris || "Kohya LoCon".equals(type))) {
            conv = theirs.text("conv_dim");
            convAlpha = theirs.text("conv_alpha");
        }
        boolean dora = truth(network.remove("dora_wd")) || theirs.truth("dora_wd");
        String plain = algorithm.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
        boolean convolutions = conv != null && !conv.equals("0");
        String from = type != null ? "LoRA_type" : lycoris ? "network_args" : "network_module";
        switch (plain) {
            case "lora", "kohya", "standard", "lorafa", "locon", "kohyalocon", "lycorislocon" -> {
                String method = convolutions || plain.contains("locon") ? "locon" : dora ? "dora" : "lora";
                ours.put("adapter.method", method, plain.equals("lorafa") ? "A trains too" : "", from);
                if (dora && method.equals("locon")) {
                    ours.put("adapter.weight_decompose", "true", "DoRA", dora(network));
                }
            }
            case "loha", "lokr", "full" -> {
                ours.put("adapter.method", plain, "", from);
                if (dora) {
                    ours.put("adapter.weight_decompose", "true", "DoRA", dora(network));
                }
            }
            case "ia3", "oft", "diagoft", "boft", "glora" ->
                ours.put("adapter.method", plain.replace("diagoft", "oft"), "", from);
            default -> ours.put("adapter.method", "lora", "'" + algorithm + "' is not among the methods", from);
        }
        boolean full = lycoris
                && theirs.text("LyCORIS_preset", network.getOrDefault("preset", "full"))
                        .equals("full");
        network.remove("preset");
        boolean norms = truth(network.remove("train_norm")) || theirs.truth("train_norm");
        List<String> places = new ArrayList<>(List.of(theirs.raw("LyCORIS_preset") == null ? from : "LyCORIS_preset"));
        if (theirs.raw("train_norm") != null) {
            places.add("train_norm");
        }
        targets(
                convolutions || full,
                norms,
                "the layers that " + (lycoris ? "LyCORIS" : "sd-scripts") + " adapts"
                        + (full ? " by its preset full" : ""),
                places.toArray(String[]::new));
        if (conv != null && convolutions) {
            ours.put("adapter.conv_rank", conv, "", convKey);
            if (convAlpha != null) {
                ours.put("adapter.conv_alpha", convAlpha, "", convKey.equals("conv_dim") ? "conv_alpha" : convKey);
            }
        }
        argument("factor", "adapter.factor");
        argument("decompose_both", "adapter.decompose_both");
        argument("use_tucker", "adapter.use_tucker");
        argument("use_cp", "adapter.use_tucker");
        argument("full_matrix", "adapter.full_matrix");
        argument("rank_dropout", "adapter.rank_dropout");
        argument("module_dropout", "adapter.module_dropout");
        argument("dropout", "adapter.dropout");
        if (plain.endsWith("oft")) {
            argument("constraint", "adapter.constraint");
            argument("rescaled", "adapter.rescaled");
        }
        argument("rs_lora", "adapter.use_rslora");
        argument("loraplus_lr_ratio", "optimizer.lora_plus_ratio");
        argument("loraplus_unet_lr_ratio", "optimizer.lora_plus_ratio");
        network.forEach((key, value) -> {
            if (!value.equalsIgnoreCase("false")) {
                ours.without("network_args", key + "=" + value, "not an argument of adapters here");
            }
        });
        if ("full".equals(ours.plain("adapter.method"))) {
            ours.put("adapter.rank", "1", "not used by full", "network_args");
        }
    }

    private static boolean truth(@Nullable String value) {
        return "true".equalsIgnoreCase(value);
    }

    private static String dora(Map<String, String> network) {
        return network.isEmpty() ? "dora_wd" : "network_args";
    }

    /** An argument of the network, or kohya_ss's own key of that name. */
    private void argument(String key, String here) {
        String value = network.remove(key);
        String own = theirs.text(key);
        if (value != null) {
            ours.put(here, value.toLowerCase(Locale.ROOT), key, "network_args");
        } else if (own != null && !own.equals("0") && !own.equals("-1") && !own.equalsIgnoreCase("false")) {
            ours.put(here, own, "", key);
        }
    }

    private void textEncoders() {
        OptionalDouble general = theirs.number("learning_rate");
        OptionalDouble unet = theirs.number("unet_lr");
        OptionalDouble text = theirs.number("text_encoder_lr");
        boolean given = unet.isPresent() && unet.getAsDouble() > 0;
        double rate = given ? unet.getAsDouble() : general.orElse(2e-6);
        ours.put(
                "optimizer.lr",
                rate,
                given || general.isPresent() ? "" : "default of sd-scripts",
                keys(given ? "unet_lr" : general.isPresent() ? "learning_rate" : null));
        boolean off = theirs.truth("network_train_unet_only")
                || theirs.truth("cache_text_encoder_outputs")
                || theirs.truth("sdxl_cache_text_encoder_outputs")
                || (text.isPresent() && text.getAsDouble() == 0);
        if (off) {
            String why = theirs.truth("network_train_unet_only")
                    ? "network_train_unet_only"
                    : theirs.truth("cache_text_encoder_outputs")
                            ? "cache_text_encoder_outputs"
                            : theirs.truth("sdxl_cache_text_encoder_outputs")
                                    ? "sdxl_cache_text_encoder_outputs"
                                    : "text_encoder_lr";
            ours.put("adapter.text_encoders", "false", "", why);
        } else {
            ours.put("adapter.text_encoders", "true", "sd-scripts trains them unless network_train_unet_only is set");
            double own = text.isPresent() ? text.getAsDouble() : general.orElse(2e-6);
            ours.put(
                    "optimizer.text_encoder_lr", own, "", keys(text.isPresent() ? "text_encoder_lr" : "learning_rate"));
        }
    }

    private String[] keys(@Nullable String key) {
        return key == null || theirs.raw(key) == null ? new String[0] : new String[] {key};
    }

    private void losses() {
        String loss = theirs.text("loss_type");
        if (loss != null) {
            String found = switch (loss) {
                case "l2" -> "mse";
                case "huber", "smooth_l1" -> loss;
                default -> "";
            };
            if (found.isEmpty()) {
                ours.without("loss_type", loss, "losses are mse, huber and smooth_l1; huber is the nearest to l1");
            } else {
                ours.put("objective.loss", found, "", "loss_type");
            }
        }
        OptionalDouble gamma = theirs.number("min_snr_gamma");
        if (gamma.isPresent() && gamma.getAsDouble() > 0) {
            ours.put("objective.weighting", "min_snr", "", "min_snr_gamma");
            ours.put("objective.min_snr_gamma", gamma.getAsDouble(), "", "min_snr_gamma");
        }
        if (theirs.truth("debiased_estimation_loss")) {
            ours.put("objective.weighting", "debiased", "", "debiased_estimation_loss");
        }
        if (theirs.truth("scale_v_pred_loss_like_noise_pred")) {
            ours.put("objective.weighting", "v_like_epsilon", "", "scale_v_pred_loss_like_noise_pred");
        }
    }

    @Override
    void after() throws IOException {
        String optimizer = theirs.text("optimizer_type", theirs.text("optimizer", "AdamW"));
        String from = theirs.raw("optimizer_type") != null ? "optimizer_type" : "optimizer";
        if (theirs.truth("use_8bit_adam")) {
            optimizer = "AdamW8bit";
            from = "use_8bit_adam";
        } else if (theirs.truth("use_lion_optimizer")) {
            optimizer = "Lion";
            from = "use_lion_optimizer";
        }
        Map<String, String> arguments = theirs.arguments("optimizer_args");
        if (optimizer.equalsIgnoreCase("adafactor")) {
            arguments.putIfAbsent("relative_step", "True");
            arguments.putIfAbsent("scale_parameter", "True");
        }
        optimizer(optimizer, arguments, "optimizer_args", keys(from));
        steps();
        schedule(theirs.text("lr_scheduler", "constant"), keys("lr_scheduler"));
        OptionalDouble percent = theirs.number("lr_warmup");
        OptionalDouble steps = theirs.number("lr_warmup_steps");
        boolean byShare = percent.isPresent() && percent.getAsDouble() > 0 && steps.orElse(0) == 0;
        warmup(
                byShare ? OptionalDouble.of(percent.getAsDouble() / 100) : steps,
                byShare ? "lr_warmup" : "lr_warmup_steps");
        OptionalDouble cycles = theirs.number("lr_scheduler_num_cycles");
        if ("restarts".equals(ours.plain("schedule.name"))) {
            ours.put("schedule.cycles", Math.max(1, cycles.orElse(1)), "", keys("lr_scheduler_num_cycles"));
        }
        OptionalDouble power = theirs.number("lr_scheduler_power");
        if ("polynomial".equals(ours.plain("schedule.name"))) {
            ours.put("schedule.power", power.orElse(1), "", keys("lr_scheduler_power"));
        }
        new KohyaData(theirs, ours).after();
        String tags = theirs.text("metadata_tags");
        if (tags != null) {
            ours.putList("export.tags", List.of(tags.split("\\s*,\\s*")), "", "metadata_tags");
        }
        if (theirs.text("additional_parameters") != null) {
            ours.without(
                    "additional_parameters",
                    Objects.requireNonNull(theirs.text("additional_parameters")),
                    "import them too: scripts/atelier import FILE '--key=value'");
        }
    }

    private void steps() throws IOException {
        OptionalDouble epochs = theirs.number("max_train_epochs");
        String key = "max_train_epochs";
        OptionalDouble steps = theirs.number("max_train_steps");
        if (epochs.orElse(0) == 0 && steps.orElse(0) == 0) {
            epochs = theirs.number("epoch");
            key = "epoch";
        }
        if (epochs.orElse(0) > 0) {
            epochs(epochs.getAsDouble(), key);
        } else {
            ours.put(
                    "train.steps",
                    steps.orElse(1600),
                    steps.isPresent() ? "" : "default of sd-scripts",
                    keys("max_train_steps"));
        }
        every("save_every_n_steps", "save_every_n_epochs", "train.save_every");
        every("sample_every_n_steps", "sample_every_n_epochs", "train.sample_every");
        every("validate_every_n_steps", "validate_every_n_epochs", "validation.every");
    }

    private void every(String stepsKey, String epochsKey, String here) throws IOException {
        OptionalDouble steps = theirs.number(stepsKey);
        OptionalDouble epochs = theirs.number(epochsKey);
        if (steps.orElse(0) > 0) {
            ours.put(here, steps.getAsDouble(), "", stepsKey);
        } else if (epochs.orElse(0) > 0) {
            OptionalDouble many = epochSteps(epochs.getAsDouble());
            if (many.isPresent()) {
                ours.put(here, many.getAsDouble(), number(epochs.getAsDouble()) + " epochs", epochsKey);
            } else {
                ours.without(epochsKey, number(epochs.getAsDouble()), "set " + here + " to a number of steps");
            }
        }
    }
}
