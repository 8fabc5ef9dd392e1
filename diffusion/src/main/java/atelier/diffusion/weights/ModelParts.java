package atelier.diffusion.weights;

import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.name.DiffusersNames;
import atelier.diffusion.weights.name.OpenClipNames;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Single networks that stand in for a model's own: an autoencoder, a text encoder, as folder or file. */
final class ModelParts {
    private static final List<String> VAE_PREFIXES = List.of("first_stage_model.", "vae.");
    private static final List<String> TEXT_PREFIXES = List.of(
            "cond_stage_model.transformer.",
            "cond_stage_model.model.",
            "conditioner.embedders.0.transformer.",
            "conditioner.embedders.1.model.",
            "text_encoders.clip_l.transformer.",
            "text_encoders.clip_g.transformer.",
            "text_encoder.");

    private ModelParts() {}

    /**
     * An autoencoder: a folder with config.json and weights, a model's folder, or a file in the layout of diffusers or of
     * the original code, with or without the prefix that whole checkpoints have.
     */
    static StateDict autoencoder(Path path, ModelFamily family) throws IOException {
        if (Files.isDirectory(path)) {
            Path inner = path.resolve(Component.VAE.folder());
            return ModelFolder.read(
                    Files.isDirectory(inner) && !Files.exists(path.resolve("config.json")) ? inner : path,
                    Component.VAE);
        }
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        SafetensorsFile.open(requireFile(path, "model.vae")).tensors().forEach((name, tensor) -> {
            String bare = without(name, VAE_PREFIXES);
            if (bare.startsWith("encoder.")
                    || bare.startsWith("decoder.")
                    || bare.startsWith("quant_conv.")
                    || bare.startsWith("post_quant_conv.")) {
                tensors.put(bare, tensor);
            }
        });
        if (!tensors.containsKey("decoder.conv_in.weight")) {
            throw new WeightsException(
                    path + " holds no autoencoder of Stable Diffusion: it has no decoder.conv_in.weight;"
                            + " model.vae names a folder with config.json, or a .safetensors file of an AutoencoderKL");
        }
        return SingleFile.autoencoder(path.toString(), tensors, beside(path), family);
    }

    /**
     * Text encoders, by the component whose place they take: those of a whole model, or one, which its width tells of
     * XL's two.
     */
    static Map<Component, StateDict> textEncoders(Path path, ModelFamily family) throws IOException {
        boolean whole = Files.isDirectory(path)
                && !Files.exists(path.resolve("config.json"))
                && Files.isDirectory(path.resolve(Component.TEXT_ENCODER.folder()));
        Map<Component, StateDict> found = new EnumMap<>(Component.class);
        if (whole) {
            for (Component component : List.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)) {
                if (Files.isDirectory(path.resolve(component.folder()))) {
                    found.put(component, ModelFolder.read(path.resolve(component.folder()), component));
                }
            }
            return found;
        }
        StateDict one = Files.isDirectory(path)
                ? ModelFolder.read(path, Component.TEXT_ENCODER)
                : textFile(requireFile(path, "model.text_encoder"), family);
        boolean second = family.isXl() && one.config().path("hidden_size").asInt() > 768;
        found.put(second ? Component.TEXT_ENCODER_2 : Component.TEXT_ENCODER, one);
        return found;
    }

    private static StateDict textFile(Path path, ModelFamily family) throws IOException {
        Map<String, TensorView> bare = new LinkedHashMap<>();
        SafetensorsFile.open(path).tensors().forEach((name, tensor) -> bare.put(without(name, TEXT_PREFIXES), tensor));
        boolean openClip = bare.keySet().stream().anyMatch(name -> name.startsWith("transformer.resblocks."));
        Map<String, TensorSource> out = new LinkedHashMap<>();
        if (openClip) {
            int layers = OpenClipNames.layers(bare.keySet());
            int kept = family.isXl() || layers == SingleFile.SD2_LAYERS ? layers : layers - 1;
            out.putAll(OpenClipNames.toTransformers(bare, kept, family.isXl()));
        } else {
            bare.forEach((name, tensor) -> DiffusersNames.current(Component.TEXT_ENCODER, name)
                    .filter(current -> !current.equals("logit_scale"))
                    .ifPresent(current -> out.put(current, tensor)));
        }
        ObjectNode stated = beside(path);
        TensorSource table = out.get("text_model.embeddings.token_embedding.weight");
        boolean gelu = openClip || table != null && table.shape()[1] > 768;
        return new StateDict(
                path.toString(), out, stated == null ? InferredConfig.text(path.toString(), out, gelu) : stated);
    }

    private static String without(String name, List<String> prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix)) {
                return name.substring(prefix.length());
            }
        }
        return name;
    }

    /** The configuration of a file that lies in a network's folder. */
    private static @Nullable ObjectNode beside(Path file) throws IOException {
        Path config = file.resolveSibling("config.json");
        return Files.exists(config) ? ModelFolder.json(config) : null;
    }

    private static Path requireFile(Path path, String key) {
        if (!Files.exists(path)) {
            throw new WeightsException(
                    key + " " + path + " does not exist; it names a folder with config.json, or a .safetensors file");
        }
        if (!path.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors")) {
            throw new WeightsException(key + " " + path
                    + " is neither a folder nor a .safetensors file; convert it once" + " where you trust it");
        }
        return path;
    }
}
