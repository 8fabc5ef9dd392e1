package atelier.inference.safety;

import atelier.common.file.JsonText;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.vision.VisionEncoder;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A model's own checker, diffusers' folder safety_checker: CLIP's vector of the picture against vectors of unwanted
 * concepts, each with its threshold; what resembles a concept of special care is judged more strictly by 0.01.
 */
final class ConceptChecker implements PictureChecker {
    private static final double STRICTER = 0.01;

    private final VisionEncoder encoder;
    private final ClipPixels pixels;
    private final Concepts concepts;
    private final Concepts special;

    /** Vectors of length 1, row by row, and the cosine from which on each counts. */
    @SuppressWarnings("ArrayRecordComponent") // owned here, never compared
    private record Concepts(double[][] vectors, float[] thresholds) {
        static Concepts of(StateDict weights, String name, int width) {
            TensorView vectors = weights.tensor(name);
            int count = (int) (vectors.elements() / width);
            float[] values = weights.take(name, count, width).toFloats();
            double[][] rows = new double[count][];
            for (int i = 0; i < count; i++) {
                rows[i] = normed(values, i * width, width);
            }
            return new Concepts(rows, weights.take(name + "_weights", count).toFloats());
        }
    }

    private ConceptChecker(VisionEncoder encoder, ClipPixels pixels, Concepts concepts, Concepts special) {
        this.encoder = encoder;
        this.pixels = pixels;
        this.concepts = concepts;
        this.special = special;
    }

    /** Whether a model brings a checker in a form that is read. */
    static boolean isIn(Path model) {
        return weights(model) != null;
    }

    /** Its weights, or null: pickled ones are not opened. */
    private static @Nullable Path weights(Path model) {
        for (String name : List.of("model.safetensors", "model.fp16.safetensors")) {
            Path file = model.resolve("safety_checker").resolve(name);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    /**
     * Loads the checker of a diffusers folder.
     *
     * @throws WeightsException naming what does not fit
     */
    static ConceptChecker load(Path model, Kernels kernels) throws IOException {
        Path file = weights(model);
        if (file == null) {
            throw new WeightsException(model.resolve("safety_checker") + " has no model.safetensors");
        }
        ObjectMapper json = JsonText.mapper();
        JsonNode config = json.readTree(file.resolveSibling("config.json").toFile());
        Map<String, TensorView> tensors =
                new TreeMap<>(SafetensorsFile.open(file).tensors());
        // Older files hold the numbers 0, 1, 2, ... too.
        tensors.keySet().removeIf(name -> name.endsWith("position_ids"));
        StateDict weights = new StateDict(String.valueOf(file.getParent()), tensors, (ObjectNode) config);
        Path preprocessor = model.resolve("feature_extractor/preprocessor_config.json");
        JsonNode how = Files.exists(preprocessor) ? json.readTree(preprocessor.toFile()) : json.createObjectNode();
        VisionEncoder encoder = VisionEncoder.load(
                kernels, weights, "vision_model.vision_model.", new LoadOptions(Precision.FP32, Use.INFERENCE));
        try {
            int width = encoder.config().projection();
            Concepts concepts = Concepts.of(weights, "concept_embeds", width);
            Concepts special = Concepts.of(weights, "special_care_embeds", width);
            weights.requireEmpty();
            return new ConceptChecker(
                    encoder, ClipPixels.of(how, encoder.config().picture()), concepts, special);
        } catch (RuntimeException e) {
            encoder.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "safety_checker";
    }

    @Override
    public Verdict judge(BufferedImage picture) {
        float[] vector = vector(picture);
        double[] normed = normed(vector, 0, vector.length);
        double stricter = 0;
        Map<String, Double> scores = new LinkedHashMap<>();
        for (int i = 0; i < special.thresholds().length; i++) {
            double score = score(special, i, normed, stricter);
            scores.put("special_care_" + i, score);
            stricter = score > 0 ? STRICTER : stricter;
        }
        boolean flagged = false;
        for (int i = 0; i < concepts.thresholds().length; i++) {
            double score = score(concepts, i, normed, stricter);
            scores.put("concept_" + i, score);
            flagged |= score > 0;
        }
        return new Verdict(flagged, scores);
    }

    /** CLIP's vector of a picture, of any length. */
    float[] vector(BufferedImage picture) {
        return encoder.embed(pixels.of(picture));
    }

    /** How far the cosine lies above its threshold, to three digits as the original has it. */
    private static double score(Concepts concepts, int i, double[] vector, double stricter) {
        double cosine = 0;
        for (int k = 0; k < vector.length; k++) {
            cosine += concepts.vectors()[i][k] * vector[k];
        }
        return Math.rint((cosine - concepts.thresholds()[i] + stricter) * 1000) / 1000;
    }

    private static double[] normed(float[] values, int from, int count) {
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (double) values[from + i] * values[from + i];
        }
        double length = Math.max(Math.sqrt(squares), 1e-12);
        double[] normed = new double[count];
        for (int i = 0; i < count; i++) {
            normed[i] = values[from + i] / length;
        }
        return normed;
    }

    @Override
    public void close() {
        encoder.close();
    }
}
