package atelier.diffusion.weights;

import atelier.common.file.AtomicFile;
import atelier.common.file.FileTree;
import atelier.common.file.Unfinished;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.Floats;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes a model as a diffusers folder. The folder is made beside its place and moved there when it is whole; one that
 * was there before is replaced.
 */
public final class FolderWriter {
    /** diffusers' own bound on a file's size: 10 GB. */
    public static final long SHARD_BYTES = 10_000_000_000L;

    private static final String DIFFUSERS_VERSION = "0.35.2";
    private static final ObjectWriter PRETTY = ModelFolder.JSON.writerWithDefaultPrettyPrinter();

    private FolderWriter() {}

    /** Writes a text encoder's tokenizer into a folder that does not exist yet. */
    @FunctionalInterface
    public interface Tokenizers {
        void write(Component encoder, Path folder) throws IOException;
    }

    /** Copies the tokenizers that the checkpoint came with. */
    public static Tokenizers copied(Checkpoint checkpoint) {
        return (encoder, folder) -> {
            Path from = checkpoint
                    .tokenizer(encoder)
                    .orElseThrow(() -> new WeightsException(checkpoint.source() + " came without "
                            + encoder.tokenizerFolder() + "/; put the tokenizer's folder beside it"));
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(from)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    Files.copy(file, folder.resolve(from.relativize(file)));
                }
            }
        };
    }

    /**
     * Writes all of a checkpoint.
     *
     * @param dtype element type of the weights: F32, F16 or BF16
     * @param shardBytes weights beyond this size are split into files with an index
     * @throws IOException when writing fails; nothing is left at the place then, or what was there before
     */
    public static void write(Checkpoint checkpoint, Path folder, DType dtype, long shardBytes, Tokenizers tokenizers)
            throws IOException {
        Path target = folder.toAbsolutePath();
        Path temporary = target.resolveSibling(
                "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        FileTree.delete(temporary);
        try (Unfinished part = Unfinished.at(temporary)) {
            Files.createDirectories(temporary);
            for (Component component : checkpoint.components()) {
                weights(checkpoint.component(component), component, temporary, dtype, shardBytes);
                if (component.isTextEncoder()) {
                    tokenizers.write(component, temporary.resolve(component.tokenizerFolder()));
                }
            }
            json(temporary.resolve("scheduler/scheduler_config.json"), checkpoint.schedulerConfig());
            json(temporary.resolve("model_index.json"), index(checkpoint));
            replace(temporary, target);
        }
    }

    private static void replace(Path temporary, Path target) throws IOException {
        Path old = temporary.resolveSibling(temporary.getFileName() + ".old");
        boolean existed = Files.exists(target);
        if (existed) {
            Files.move(target, old);
        }
        Files.move(temporary, target);
        if (existed) {
            FileTree.delete(old);
        }
    }

    private static void weights(StateDict dict, Component component, Path model, DType dtype, long shardBytes)
            throws IOException {
        Path folder = model.resolve(component.folder());
        ObjectNode config = dict.config();
        // diffusers and transformers note where a model was fetched from; a path of ours must not travel.
        config.remove("_name_or_path");
        if (component.isTextEncoder()) {
            config.put(config.has("dtype") ? "dtype" : "torch_dtype", torchName(dtype));
        }
        json(folder.resolve("config.json"), config);
        Map<String, TensorSource> tensors = new TreeMap<>();
        dict.sources().forEach((name, tensor) -> tensors.put(name, Floats.converted(tensor, dtype)));
        List<Map<String, TensorSource>> shards = shards(tensors, shardBytes);
        // transformers refuses a file that does not say which framework wrote it.
        Map<String, String> metadata = Map.of("format", "pt");
        if (shards.size() == 1) {
            SafetensorsWriter.write(folder.resolve(component.file() + ".safetensors"), tensors, metadata);
            return;
        }
        ObjectNode index = ModelFolder.JSON.createObjectNode();
        index.putObject("metadata")
                .put(
                        "total_size",
                        tensors.values().stream()
                                .mapToLong(TensorSource::byteSize)
                                .sum());
        ObjectNode map = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name =
                    String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", component.file(), i + 1, shards.size());
            SafetensorsWriter.write(folder.resolve(name), shards.get(i), metadata);
            shards.get(i).keySet().forEach(tensor -> map.put(tensor, name));
        }
        json(folder.resolve(component.file() + ".safetensors.index.json"), index);
    }

    /** Consecutive tensors up to the size; a tensor beyond it has a file of its own. */
    private static List<Map<String, TensorSource>> shards(Map<String, TensorSource> tensors, long shardBytes) {
        List<Map<String, TensorSource>> shards = new ArrayList<>();
        Map<String, TensorSource> current = new LinkedHashMap<>();
        long size = 0;
        for (Map.Entry<String, TensorSource> entry : tensors.entrySet()) {
            long bytes = entry.getValue().byteSize();
            if (!current.isEmpty() && size + bytes > shardBytes) {
                shards.add(current);
                current = new LinkedHashMap<>();
                size = 0;
            }
            current.put(entry.getKey(), entry.getValue());
            size += bytes;
        }
        shards.add(current);
        return shards;
    }

    private static String torchName(DType dtype) {
        return dtype == DType.F32 ? "float32" : dtype == DType.F16 ? "float16" : "bfloat16";
    }

    private static ObjectNode index(Checkpoint checkpoint) throws IOException {
        Path source = checkpoint.source().resolve("model_index.json");
        ObjectNode index = Files.exists(source) ? ModelFolder.json(source) : ModelFolder.JSON.createObjectNode();
        index.remove("_name_or_path");
        // What is not copied must not be asked for.
        List<String> absent = new ArrayList<>();
        index.fields().forEachRemaining(entry -> {
            if (entry.getValue().isArray()) {
                absent.add(entry.getKey());
            }
        });
        absent.forEach(name -> index.putArray(name).addNull().addNull());
        if (!index.has("_class_name")) {
            index.put(
                    "_class_name",
                    switch (checkpoint.family()) {
                        case SD1, SD2 -> "StableDiffusionPipeline";
                        case SDXL -> "StableDiffusionXLPipeline";
                        case SDXL_REFINER -> "StableDiffusionXLImg2ImgPipeline";
                    });
            index.put("_diffusers_version", DIFFUSERS_VERSION);
        }
        if (!checkpoint.family().isXl()) {
            index.put("requires_safety_checker", false);
            index.putArray("safety_checker").addNull().addNull();
            index.putArray("feature_extractor").addNull().addNull();
        }
        entry(index, "scheduler", "diffusers", className(checkpoint.schedulerConfig(), "DDIMScheduler"));
        entry(index, "unet", "diffusers", "UNet2DConditionModel");
        if (checkpoint.has(Component.VAE)) {
            entry(index, "vae", "diffusers", "AutoencoderKL");
        }
        for (Component encoder : List.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)) {
            if (checkpoint.has(encoder)) {
                boolean projects = checkpoint.component(encoder).has("text_projection.weight");
                entry(
                        index,
                        encoder.folder(),
                        "transformers",
                        projects ? "CLIPTextModelWithProjection" : "CLIPTextModel");
                entry(index, encoder.tokenizerFolder(), "transformers", "CLIPTokenizer");
            }
        }
        return index;
    }

    private static void entry(ObjectNode index, String name, String library, String className) {
        index.putArray(name).add(library).add(className);
    }

    private static String className(JsonNode config, String otherwise) {
        return config.path("_class_name").asText(otherwise);
    }

    private static void json(Path file, JsonNode node) throws IOException {
        AtomicFile.write(file, PRETTY.writeValueAsBytes(node));
    }
}
