package atelier.evaluation.features;

import atelier.common.error.WrongCommandException;
import atelier.common.file.JsonText;
import atelier.common.image.Pixels;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.ClipTokenizer;
import atelier.diffusion.text.TextEncoder;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.evaluation.statistics.Vectors;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * CLIP of the user's own (Radford et al. 2021): words and pictures as vectors of one space. Read from a folder as
 * transformers' CLIPModel is saved: config.json, model.safetensors, the tokenizer's files, and preprocessor_config.json.
 */
public final class ClipModel implements AutoCloseable {
    private static final ObjectMapper JSON = JsonText.mapper();

    private final Kernels kernels;
    private final ClipTokenizer tokenizer;
    private final TextEncoder text;
    private final PictureTower vision;

    private ClipModel(Kernels kernels, ClipTokenizer tokenizer, TextEncoder text, PictureTower vision) {
        this.kernels = kernels;
        this.tokenizer = tokenizer;
        this.text = text;
        this.vision = vision;
    }

    /**
     * Loads.
     *
     * @param kernels stay the caller's
     * @throws atelier.diffusion.weights.safetensors.WeightsException naming what does not fit
     */
    public static ClipModel load(Path folder, Kernels kernels) throws IOException {
        Path weights = folder.resolve("model.safetensors");
        if (!Files.isRegularFile(weights) || !Files.isRegularFile(folder.resolve("config.json"))) {
            throw new WrongCommandException("evaluation.clip=" + folder + " holds no config.json and"
                    + " model.safetensors; give the folder of a CLIPModel as transformers saves it, or null");
        }
        Map<String, TensorView> tensors = SafetensorsFile.open(weights).tensors();
        ObjectNode config =
                (ObjectNode) JSON.readTree(folder.resolve("config.json").toFile());
        Path preprocessor = folder.resolve("preprocessor_config.json");
        JsonNode how = Files.exists(preprocessor) ? JSON.readTree(preprocessor.toFile()) : JSON.createObjectNode();
        ClipTokenizer tokenizer = ClipTokenizer.open(folder);
        LoadOptions options = new LoadOptions(Precision.FP32, Use.INFERENCE);
        StateDict words = part(folder, tensors, textConfig(config), name -> name.startsWith("text_"));
        StateDict pictures = part(folder, tensors, config, name -> name.startsWith("vi"));
        TextEncoder text = TextEncoder.load(kernels, words, options);
        try {
            return new ClipModel(
                    kernels, tokenizer, text, PictureTower.load(pictures, how, folder.toString(), kernels));
        } catch (RuntimeException e) {
            text.close();
            throw e;
        }
    }

    private static StateDict part(
            Path folder, Map<String, TensorView> tensors, ObjectNode config, Predicate<String> wanted) {
        Map<String, TensorView> own = new TreeMap<>(tensors);
        // Older files hold the numbers 0, 1, 2, ... too.
        own.keySet().removeIf(name -> !wanted.test(name) || name.endsWith("position_ids"));
        return new StateDict(folder.toString(), own, config);
    }

    /** The section of the words, as a text encoder with a projection would say it by itself. */
    private static ObjectNode textConfig(ObjectNode config) {
        ObjectNode own =
                config.path("text_config") instanceof ObjectNode given ? given.deepCopy() : config.objectNode();
        own.put("projection_dim", config.path("projection_dim").asInt(512));
        own.putArray("architectures").add("CLIPTextModelWithProjection");
        return own;
    }

    /** A text's vector, of length 1. */
    public float[] words(String words) {
        int[] ids = tokenizer.encode(words);
        long[][] row = {new long[ids.length]};
        for (int i = 0; i < ids.length; i++) {
            row[0][i] = ids[i];
        }
        try (Tape tape = Tape.inference(kernels, kernels.manager())) {
            return Vectors.unit(HostCopy.floats(kernels.one(
                    tape.scope(), "to_type", text.pooled(tape, row).pooled().value(), 6)));
        }
    }

    /** Pictures' vectors, of length 1. */
    public List<float[]> pictures(List<Pixels> pictures) {
        return vision.pictures(pictures);
    }

    @Override
    public void close() {
        text.close();
        vision.close();
    }
}
