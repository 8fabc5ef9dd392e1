package atelier.diffusion.weights;

import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.name.DiffusersNames;
import atelier.diffusion.weights.name.NameTable;
import atelier.diffusion.weights.name.OpenClipNames;
import atelier.diffusion.weights.name.UnetNames;
import atelier.diffusion.weights.name.VaeNames;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a checkpoint in one file, in the layout of the original latent diffusion code: Stable Diffusion 1.x, 2.x, XL
 * and XL's refiner. Tensors are renamed, split and reshaped as views of the mapped file.
 */
final class SingleFile {
    static final String UNET = "model.diffusion_model.";
    static final String VAE = "first_stage_model.";
    static final String CLIP = "cond_stage_model.transformer.";
    static final String OPEN_CLIP = "cond_stage_model.model.";
    static final String XL_CLIP = "conditioner.embedders.0.transformer.";
    static final String XL_OPEN_CLIP = "conditioner.embedders.1.model.";
    static final String REFINER_OPEN_CLIP = "conditioner.embedders.0.model.";
    /** Our own metadata key: the configurations, so that a model of unusual size needs no guessing. */
    static final String CONFIG_KEY = "atelier.config";

    private static final String WRAPPER = "state_dict.";
    /** What original checkpoints hold beside their networks: averages, schedules, losses, marker tensors. */
    private static final Pattern BESIDE = Pattern.compile("model_ema\\..*|first_stage_model\\.loss\\..*|denoiser\\..*"
            + "|alphas_cumprod.*|betas|.*log_one_minus_alphas_cumprod|log_.*|sqrt_.*|posterior_.*|logvar|scale_factor"
            + "|lvlb_weights|global_step|epoch|v_pred|ztsnr|edm_.*|model_ema_.*|noise_augmentor\\..*|embedder\\..*");

    /** The published 2.x models have 24 blocks and run 23; a converter may have left the last out. */
    static final int SD2_LAYERS = 23;

    private static final Logger LOG = LoggerFactory.getLogger(SingleFile.class);

    private final Path path;
    private final Map<String, String> metadata;
    private final Map<String, TensorView> rest;

    private SingleFile(SafetensorsFile file) {
        this.path = file.path();
        this.metadata = file.metadata();
        Map<String, TensorView> unwrapped = new TreeMap<>();
        file.tensors()
                .forEach((name, tensor) ->
                        unwrapped.put(name.startsWith(WRAPPER) ? name.substring(WRAPPER.length()) : name, tensor));
        this.rest = UnetFile.prefixed(unwrapped);
    }

    static Checkpoint open(Path path) throws IOException {
        return new SingleFile(SafetensorsFile.open(path)).read();
    }

    private Checkpoint read() throws IOException {
        JsonNode stated = statedConfigs();
        Map<String, TensorView> all = Map.copyOf(rest);
        Set<String> names = all.keySet();
        Map<String, TensorView> unetTensors = part(UNET);
        if (unetTensors.isEmpty()) {
            throw new WeightsException(path + notACheckpoint(names));
        }
        String unetPlace = path + " (" + UNET + "*)";
        ObjectNode unet =
                stated(stated, Component.UNET).orElseGet(() -> new InferredConfig(unetPlace, unetTensors).unet());
        boolean refiner = names.contains(REFINER_OPEN_CLIP + "ln_final.weight");
        ModelFamily family = ModelFamily.of(unet, !refiner);
        Map<Component, StateDict> components = new EnumMap<>(Component.class);
        components.put(Component.UNET, new StateDict(unetPlace, renamed(UnetNames.table(unet), unetTensors), unet));
        vae(stated, family).ifPresent(dict -> components.put(Component.VAE, dict));
        clip(stated).ifPresent(dict -> components.put(Component.TEXT_ENCODER, dict));
        openClip(stated, family).forEach(components::put);
        boolean inpainting = unet.path("in_channels").asInt() > 4;
        ObjectNode scheduler = stated.path("scheduler") instanceof ObjectNode known
                ? known
                : new InferredScheduler(family, inpainting, path, metadata, all).config();
        if (family == ModelFamily.SD2
                && scheduler.path("prediction_type").asText().startsWith("v")
                && !stated.has(Component.UNET.folder())) {
            // Attention of the v model overflows fp16; diffusers' configuration says so with this key.
            unet.put("upcast_attention", true).put("sample_size", 96);
        }
        reportRest();
        return new Checkpoint(path, family, components, scheduler, tokenizers(), metadata);
    }

    private static String notACheckpoint(Iterable<String> names) {
        for (String name : names) {
            if (name.contains("lora_") || name.contains("hada_") || name.contains("lokr_")) {
                return " is an adapter, not a model; give it as adapter=FILE and the base model as model.path";
            }
            if (name.startsWith("text_model.")) {
                return " holds one network under diffusers' names; model.path names the folder with model_index.json";
            }
        }
        return " holds no Stable Diffusion checkpoint: no tensor begins with " + UNET + "; use a checkpoint of Stable"
                + " Diffusion 1.x, 2.x or XL";
    }

    private JsonNode statedConfigs() {
        try {
            return ModelFolder.JSON.readTree(metadata.getOrDefault(CONFIG_KEY, "{}"));
        } catch (JsonProcessingException e) {
            throw new WeightsException(
                    path + " has the metadata " + CONFIG_KEY + ", which is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static Optional<ObjectNode> stated(JsonNode configs, Component component) {
        return configs.path(component.folder()) instanceof ObjectNode known ? Optional.of(known) : Optional.empty();
    }

    /** Takes one network's tensors out of the file, without their prefix. */
    private Map<String, TensorView> part(String prefix) {
        Map<String, TensorView> part = new LinkedHashMap<>();
        rest.forEach((name, tensor) -> {
            if (name.startsWith(prefix) && !BESIDE.matcher(name).matches()) {
                part.put(name.substring(prefix.length()), tensor);
            }
        });
        rest.keySet().removeIf(name -> name.startsWith(prefix));
        return part;
    }

    /** A name that the table does not know keeps LDM's, and is reported as unexpected by whoever takes the weights. */
    private static Map<String, TensorSource> renamed(NameTable table, Map<String, TensorView> tensors) {
        Map<String, TensorSource> out = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> out.put(table.toDiffusers(name).orElse(name), tensor));
        return out;
    }

    private Optional<StateDict> vae(JsonNode stated, ModelFamily family) {
        Map<String, TensorView> tensors = part(VAE);
        return tensors.isEmpty()
                ? Optional.empty()
                : Optional.of(autoencoder(
                        path + " (" + VAE + "*)",
                        tensors,
                        stated(stated, Component.VAE).orElse(null),
                        family));
    }

    /**
     * An autoencoder under diffusers' names, from tensors under LDM's or, of either age, diffusers'.
     *
     * @param config null takes what the shapes show
     */
    static StateDict autoencoder(
            String place, Map<String, TensorView> tensors, @Nullable ObjectNode config, ModelFamily family) {
        Map<String, TensorView> named = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> named.put(DiffusersNames.ldmVae(name), tensor));
        ObjectNode known = config == null ? new InferredConfig(place, named).vae(family) : config;
        Map<String, TensorSource> out = new LinkedHashMap<>();
        NameTable table = VaeNames.table(known);
        named.forEach((name, tensor) -> {
            String listed = table.toDiffusers(name).orElse(name);
            String current = DiffusersNames.current(Component.VAE, listed).orElse(listed);
            out.put(current, DiffusersNames.reshaped(Component.VAE, current, tensor));
        });
        return new StateDict(place, out, known);
    }

    private Optional<StateDict> clip(JsonNode stated) {
        for (String prefix : List.of(CLIP, XL_CLIP)) {
            Map<String, TensorView> tensors = part(prefix);
            if (!tensors.isEmpty()) {
                Map<String, TensorSource> out = new LinkedHashMap<>();
                tensors.forEach((name, tensor) -> DiffusersNames.current(Component.TEXT_ENCODER, name)
                        .ifPresent(current -> out.put(current, tensor)));
                String place = path + " (" + prefix + "*)";
                ObjectNode config =
                        stated(stated, Component.TEXT_ENCODER).orElseGet(() -> InferredConfig.text(place, out, false));
                return Optional.of(new StateDict(place, out, config));
            }
        }
        return Optional.empty();
    }

    private Map<Component, StateDict> openClip(JsonNode stated, ModelFamily family) {
        for (String prefix : List.of(OPEN_CLIP, XL_OPEN_CLIP, REFINER_OPEN_CLIP)) {
            Map<String, TensorView> tensors = part(prefix);
            if (!tensors.isEmpty()) {
                Component component = family.isXl() ? Component.TEXT_ENCODER_2 : Component.TEXT_ENCODER;
                Optional<ObjectNode> known = stated(stated, component);
                int layers = OpenClipNames.layers(tensors.keySet());
                int used = family.isXl() || layers == SD2_LAYERS ? layers : layers - 1;
                int kept = known.map(config -> config.path("num_hidden_layers").asInt())
                        .orElse(used);
                Map<String, TensorSource> out = OpenClipNames.toTransformers(tensors, kept, family.isXl());
                String place = path + " (" + prefix + "*)";
                return Map.of(
                        component,
                        new StateDict(place, out, known.orElseGet(() -> InferredConfig.text(place, out, true))));
            }
        }
        return Map.of();
    }

    /** Single files carry no vocabulary; a tokenizer folder beside the file is taken when there is one. */
    private Map<Component, Path> tokenizers() {
        Map<Component, Path> found = new EnumMap<>(Component.class);
        for (Component encoder : Arrays.asList(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)) {
            Path folder = path.resolveSibling(encoder.tokenizerFolder());
            if (Files.isDirectory(folder)) {
                found.put(encoder, folder);
            }
        }
        return found;
    }

    private void reportRest() {
        List<String> strangers = rest.keySet().stream()
                .filter(name -> !BESIDE.matcher(name).matches())
                .toList();
        if (!strangers.isEmpty()) {
            LOG.warn(
                    "{}: {} tensors belong to no network of Stable Diffusion and are not read, among them {}",
                    path,
                    strangers.size(),
                    strangers.get(0));
        }
    }
}
