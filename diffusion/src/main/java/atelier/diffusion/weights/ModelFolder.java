package atelier.diffusion.weights;

import atelier.common.file.JsonText;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.name.DiffusersNames;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads a diffusers folder: model_index.json, a folder for each network with config.json and weights (whole, a variant
 * such as fp16, or sharded with an index), scheduler/ and tokenizer folders. Full precision is preferred where several
 * variants lie side by side.
 */
final class ModelFolder {
    static final ObjectMapper JSON = JsonText.mapper();
    /** Variants in the order of preference. */
    private static final List<String> VARIANTS = List.of("", ".fp32", ".bf16", ".fp16", ".non_ema");

    /** The numbers that networks are built by. */
    private static final Set<String> NUMBERS = Set.of(
            "in_channels",
            "out_channels",
            "block_out_channels",
            "layers_per_block",
            "attention_head_dim",
            "num_attention_heads",
            "transformer_layers_per_block",
            "cross_attention_dim",
            "norm_num_groups",
            "norm_eps",
            "freq_shift",
            "addition_time_embed_dim",
            "projection_class_embeddings_input_dim",
            "sample_size",
            "latent_channels",
            "scaling_factor",
            "shift_factor",
            "hidden_size",
            "intermediate_size",
            "num_hidden_layers",
            "layer_norm_eps",
            "vocab_size",
            "max_position_embeddings",
            "projection_dim");

    private ModelFolder() {}

    static Checkpoint open(Path folder) throws IOException {
        return open(folder, false, false);
    }

    /**
     * Opens a folder that may lack parts which are given apart.
     *
     * @param vaeGiven whether an autoencoder is
     * @param textGiven whether text encoders are
     */
    static Checkpoint open(Path folder, boolean vaeGiven, boolean textGiven) throws IOException {
        Map<Component, StateDict> components = new EnumMap<>(Component.class);
        List<String> missing = new ArrayList<>();
        JsonNode index = Files.exists(folder.resolve("model_index.json"))
                ? json(folder.resolve("model_index.json"))
                : JSON.createObjectNode();
        for (Component component : Component.values()) {
            Path part = folder.resolve(component.folder());
            if (Files.isDirectory(part)) {
                components.put(component, read(part, component));
            } else if (component == Component.VAE
                    ? !vaeGiven && required(component, index)
                    : !(textGiven && component.isTextEncoder()) && required(component, index)) {
                missing.add(component.folder() + "/");
            }
        }
        if (!missing.isEmpty()) {
            throw new WeightsException(
                    folder + " is not a whole diffusers model: it lacks " + String.join(", ", missing) + present(folder)
                            + "; model.path names the folder that holds model_index.json, and model.vae and"
                            + " model.text_encoder what it lacks");
        }
        Path schedulerFile = folder.resolve("scheduler/scheduler_config.json");
        if (!Files.exists(schedulerFile)) {
            throw new WeightsException(folder + " lacks scheduler/scheduler_config.json, which says what the model"
                    + " predicts; copy it from the model's source");
        }
        Map<Component, Path> tokenizers = new EnumMap<>(Component.class);
        for (Component encoder : List.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)) {
            Path tokenizer = folder.resolve(encoder.tokenizerFolder());
            if (Files.isDirectory(tokenizer)) {
                tokenizers.put(encoder, tokenizer);
            }
        }
        StateDict unet = components.get(Component.UNET);
        if (unet == null) {
            throw new WeightsException(
                    folder + " has no unet/" + present(folder) + "; model.path names the folder of a whole model");
        }
        boolean first = components.containsKey(Component.TEXT_ENCODER) || textGiven;
        ModelFamily family = ModelFamily.of(unet.config(), first);
        return new Checkpoint(folder, family, components, json(schedulerFile), tokenizers, Map.of());
    }

    /** What model_index.json lists is required; without one, what every text-to-image model has. */
    private static boolean required(Component component, JsonNode index) {
        if (component == Component.UNET || component == Component.VAE) {
            return true;
        }
        JsonNode entry = index.path(component.folder());
        return index.isEmpty()
                ? component == Component.TEXT_ENCODER
                : entry.isArray() && entry.path(0).isTextual();
    }

    private static String present(Path folder) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            String names = children.map(Path::getFileName)
                    .map(String::valueOf)
                    .sorted()
                    .limit(12)
                    .collect(Collectors.joining(", "));
            return names.isEmpty() ? " (it is empty)" : " (it has " + names + ")";
        }
    }

    /**
     * Reads one network's folder.
     *
     * @throws WeightsException when config.json or the weights are missing or not readable
     */
    static StateDict read(Path folder, Component component) throws IOException {
        Path configFile = folder.resolve("config.json");
        if (!Files.exists(configFile)) {
            throw new WeightsException(folder + " lacks config.json" + present(folder)
                    + "; copy it from the model's source, the weights cannot be read without it");
        }
        Map<String, TensorSource> tensors = new LinkedHashMap<>();
        for (Path file : weightFiles(folder, component)) {
            SafetensorsFile.open(file)
                    .tensors()
                    .forEach((name, tensor) -> DiffusersNames.current(component, name)
                            .ifPresent(current ->
                                    tensors.put(current, DiffusersNames.reshaped(component, current, tensor))));
        }
        ObjectNode config = json(configFile);
        JsonText.notFinite(config, NUMBERS).ifPresent(fault -> {
            throw new WeightsException(
                    configFile + ": " + fault + ", where a number is needed; copy the file from the model's source");
        });
        return new StateDict(folder.toString(), tensors, config);
    }

    private static List<Path> weightFiles(Path folder, Component component) throws IOException {
        for (String variant : VARIANTS) {
            Path whole = folder.resolve(component.file() + variant + ".safetensors");
            if (Files.exists(whole)) {
                return List.of(whole);
            }
            Path plainIndex = folder.resolve(component.file() + ".safetensors.index" + variant + ".json");
            Path otherIndex = folder.resolve(component.file() + variant + ".safetensors.index.json");
            for (Path index : List.of(plainIndex, otherIndex)) {
                if (Files.exists(index)) {
                    return shards(folder, index);
                }
            }
        }
        throw new WeightsException(folder + " lacks " + component.file() + ".safetensors" + present(folder)
                + "; pickled .bin weights are not read: save the model with safe_serialization=True");
    }

    private static List<Path> shards(Path folder, Path index) throws IOException {
        JsonNode map = json(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new WeightsException(index + " has no weight_map, so its shards are unknown; fetch the model again");
        }
        TreeSet<String> names = new TreeSet<>();
        for (JsonNode name : map) {
            String text = name.asText();
            if (text.isEmpty() || text.contains("/") || text.contains("\\")) {
                throw new WeightsException(index + " names the shard '" + text + "'; shards lie beside their index");
            }
            names.add(text);
        }
        List<String> absent = names.stream()
                .filter(name -> !Files.exists(folder.resolve(name)))
                .toList();
        if (!absent.isEmpty()) {
            throw new WeightsException(
                    index + " names shards that do not exist: " + String.join(", ", absent) + "; fetch them again");
        }
        return names.stream().map(folder::resolve).toList();
    }

    /** A JSON file that holds an object. */
    static ObjectNode json(Path file) throws IOException {
        try {
            if (JSON.readTree(file.toFile()) instanceof ObjectNode node) {
                return node;
            }
            throw new WeightsException(file + " does not hold a JSON object; fetch it again");
        } catch (JsonProcessingException e) {
            throw new WeightsException(file + " is not JSON: " + e.getOriginalMessage() + "; fetch it again", e);
        }
    }
}
