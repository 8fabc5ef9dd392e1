package atelier.diffusion.weights;

import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model on disk, whatever its layout: each network's weights under diffusers' names, the configurations, and where
 * the tokenizers lie. Weights are mapped, not loaded.
 */
public final class Checkpoint {
    private final Path source;
    private final ModelFamily family;
    private final Map<Component, StateDict> components;
    private final ObjectNode scheduler;
    private final Map<Component, Path> tokenizers;
    private final Map<String, String> metadata;

    Checkpoint(
            Path source,
            ModelFamily family,
            Map<Component, StateDict> components,
            ObjectNode scheduler,
            Map<Component, Path> tokenizers,
            Map<String, String> metadata) {
        this.source = source;
        this.family = family;
        this.components = new EnumMap<>(components);
        this.scheduler = scheduler;
        this.tokenizers = Map.copyOf(tokenizers);
        this.metadata = metadata;
    }

    /**
     * Opens a diffusers folder or a single .safetensors file of Stable Diffusion 1.x, 2.x or XL.
     *
     * @throws WeightsException when it is neither; the message says what is missing or how to convert it
     * @throws IOException when reading fails
     */
    public static Checkpoint open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return ModelFolder.open(path);
        }
        if (!Files.exists(path)) {
            throw new WeightsException(
                    "model.path " + path + " does not exist; it names a diffusers folder or a" + " .safetensors file");
        }
        String name = path.toString().toLowerCase(Locale.ROOT);
        if (!name.endsWith(".safetensors")) {
            throw new WeightsException(refusal(path, name));
        }
        return SingleFile.open(path);
    }

    /**
     * Opens a model with other networks in place of some of its own, or of those that it lacks.
     *
     * @throws WeightsException when a part is not read, or does not fit the model
     */
    public static Checkpoint open(ModelSource source) throws IOException {
        Checkpoint model = Files.isDirectory(source.path())
                ? ModelFolder.open(source.path(), source.vae() != null, source.textEncoder() != null)
                : open(source.path());
        Map<Component, StateDict> parts = new EnumMap<>(model.components);
        if (source.vae() != null) {
            StateDict vae = ModelParts.autoencoder(source.vae(), model.family);
            int latents = vae.config().path("latent_channels").asInt(4);
            int predicted = model.component(Component.UNET)
                    .config()
                    .path("out_channels")
                    .asInt(4);
            if (latents != predicted) {
                throw new WeightsException("model.vae " + source.vae() + " makes latents of " + latents
                        + " channels, and " + model.source + " predicts " + predicted
                        + "; take an autoencoder of the model's family");
            }
            parts.put(Component.VAE, vae);
        }
        Map<Component, Path> tokenizers = new EnumMap<>(Component.class);
        tokenizers.putAll(model.tokenizers);
        if (source.textEncoder() != null) {
            for (Map.Entry<Component, StateDict> part :
                    ModelParts.textEncoders(source.textEncoder(), model.family).entrySet()) {
                parts.put(part.getKey(), part.getValue());
                Path tokenizer = source.textEncoder().resolve(part.getKey().tokenizerFolder());
                if (Files.isDirectory(tokenizer)) {
                    tokenizers.put(part.getKey(), tokenizer);
                }
            }
        }
        ObjectNode scheduler = model.scheduler.deepCopy();
        if (source.predictionType() != null) {
            scheduler.put("prediction_type", source.predictionType());
        }
        return new Checkpoint(model.source, model.family, parts, scheduler, tokenizers, model.metadata);
    }

    private static String refusal(Path path, String name) {
        boolean pickle =
                name.endsWith(".ckpt") || name.endsWith(".pt") || name.endsWith(".pth") || name.endsWith(".bin");
        return pickle
                ? path + " is a Python pickle, which can run code when it is opened, so it is not read. Convert it once"
                        + " where you trust it: python -c \"import sys, torch; from safetensors.torch import save_file;"
                        + " s = torch.load(sys.argv[1], map_location='cpu', weights_only=True); s = s.get('state_dict', s);"
                        + " save_file({k: v.contiguous().clone() for k, v in s.items() if hasattr(v, 'shape')},"
                        + " sys.argv[2])\" IN.ckpt OUT.safetensors"
                : path + " is neither a folder nor a .safetensors file; model.path names a diffusers folder or a"
                        + " single-file checkpoint";
    }

    /** The folder or file this came from. */
    public Path source() {
        return source;
    }

    public ModelFamily family() {
        return family;
    }

    /** The networks that are there. */
    public Set<Component> components() {
        return Collections.unmodifiableSet(components.keySet());
    }

    public boolean has(Component component) {
        return components.containsKey(component);
    }

    /**
     * One network's weights, with a fresh account of what is taken.
     *
     * @throws WeightsException when the checkpoint lacks it
     */
    public StateDict component(Component component) {
        StateDict dict = components.get(component);
        if (dict == null) {
            String remedy = component == Component.VAE
                    ? "; name one by model.vae, a folder or a .safetensors file"
                    : component.isTextEncoder()
                            ? "; name one by model.text_encoder, a folder or a .safetensors file"
                            : "";
            throw new WeightsException(
                    source + " has no " + component.folder() + "; it has " + components.keySet() + remedy);
        }
        return new StateDict(dict.place(), dict.sources(), dict.config().deepCopy());
    }

    /**
     * This model with other weights for one network, under the same names.
     *
     * @param changed tensors that take the place of those of their names; the others stay
     */
    public Checkpoint withWeights(Component component, Map<String, ? extends TensorSource> changed) {
        StateDict old = component(component);
        Map<String, TensorSource> all = new java.util.LinkedHashMap<>(old.sources());
        for (Map.Entry<String, ? extends TensorSource> entry : changed.entrySet()) {
            if (all.put(entry.getKey(), entry.getValue()) == null) {
                throw new WeightsException(old.place() + " has no tensor '" + entry.getKey() + "' to change");
            }
        }
        Map<Component, StateDict> others = new EnumMap<>(components);
        others.put(component, new StateDict(old.place(), all, old.config()));
        return new Checkpoint(source, family, others, scheduler, tokenizers, metadata);
    }

    /** The same model with another scheduler_config.json. */
    public Checkpoint withScheduler(ObjectNode config) {
        return new Checkpoint(source, family, components, config.deepCopy(), tokenizers, metadata);
    }

    /** The keys of scheduler_config.json, among them prediction_type. */
    public ObjectNode schedulerConfig() {
        return scheduler.deepCopy();
    }

    /** True when the model predicts v rather than the noise. */
    public boolean predictsV() {
        return scheduler.path("prediction_type").asText("epsilon").equals("v_prediction");
    }

    /** The folder with a text encoder's vocabulary; single files carry none. */
    public Optional<Path> tokenizer(Component encoder) {
        return Optional.ofNullable(tokenizers.get(encoder));
    }

    /** A single file's {@code __metadata__}; empty for folders. */
    public Map<String, String> metadata() {
        return metadata;
    }
}
