package atelier.diffusion.weights;

import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a single file's model predicts, and on which schedule. Shapes do not show it: the file's metadata, the marker
 * tensors ({@code v_pred}, {@code ztsnr}, {@code edm_mean}, {@code edm_vpred.sigma_max}) and the .yaml beside it are
 * asked. Stable Diffusion 2.x without any of them is told by a norm's biases, and the guess is said.
 */
final class InferredScheduler {
    /** Above it a 2.x model predicts v: the spread of the biases of the last output block's first norm. */
    private static final double SPREAD = 0.09;

    private static final Logger LOG = LoggerFactory.getLogger(InferredScheduler.class);

    private final ModelFamily family;
    private final boolean inpainting;
    private final Path file;
    private final Map<String, String> metadata;
    private final Map<String, TensorView> tensors;

    /** @param tensors all of the file, under LDM's names */
    InferredScheduler(
            ModelFamily family,
            boolean inpainting,
            Path file,
            Map<String, String> metadata,
            Map<String, TensorView> tensors) {
        this.family = family;
        this.inpainting = inpainting;
        this.file = file;
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /** The keys of scheduler_config.json. */
    ObjectNode config() throws IOException {
        Set<String> names = tensors.keySet();
        boolean edm = names.stream().anyMatch(name -> name.startsWith("edm_"))
                || metadata.getOrDefault("modelspec.prediction_type", "")
                        .toLowerCase(Locale.ROOT)
                        .startsWith("edm");
        boolean v = names.contains("edm_vpred.sigma_max") || predictsV();
        ObjectNode config = ModelFolder.JSON.createObjectNode();
        config.put("_class_name", edm ? "EDMEulerScheduler" : className());
        config.put("beta_start", 0.00085).put("beta_end", 0.012).put("beta_schedule", "scaled_linear");
        config.put("num_train_timesteps", 1000).put("clip_sample", false).put("set_alpha_to_one", false);
        config.put("steps_offset", 1).put("prediction_type", v ? "v_prediction" : "epsilon");
        if (family == ModelFamily.SD1) {
            config.put("skip_prk_steps", true);
        }
        if (family.isXl()) {
            config.put("timestep_spacing", "leading");
        }
        if (names.contains("ztsnr")) {
            config.put("rescale_betas_zero_snr", true).put("timestep_spacing", "trailing");
        }
        return config;
    }

    private String className() {
        return switch (family) {
            case SD1 -> "PNDMScheduler";
            case SD2 -> "DDIMScheduler";
            case SDXL, SDXL_REFINER -> "EulerDiscreteScheduler";
        };
    }

    private boolean predictsV() throws IOException {
        String stated = metadata.getOrDefault("modelspec.prediction_type", "").toLowerCase(Locale.ROOT);
        String architecture = metadata.getOrDefault("modelspec.architecture", "");
        if (tensors.containsKey("v_pred")
                || stated.startsWith("v")
                || architecture.startsWith("stable-diffusion-v2-768-v")) {
            return true;
        }
        if (stated.startsWith("eps") || architecture.startsWith("stable-diffusion-v2-512")) {
            return false;
        }
        Path beside = file.resolveSibling(String.valueOf(file.getFileName()).replaceAll("\\.safetensors$", ".yaml"));
        if (Files.exists(beside)) {
            return Files.readString(beside).matches("(?s).*parameterization:\\s*[\"']?v\\b.*");
        }
        return family == ModelFamily.SD2 && !inpainting && guessed();
    }

    /** Only 2.x was published in both forms; the guess is said, since a wrong one gives noise for pictures. */
    private boolean guessed() {
        TensorView biases = null;
        for (int block = 0; block < 32; block++) {
            String name = SingleFile.UNET + "output_blocks." + block + ".1.transformer_blocks.0.norm1.bias";
            biases = tensors.getOrDefault(name, biases);
        }
        boolean v = biases == null || spread(biases.toFloats()) > SPREAD;
        LOG.warn(
                "{} does not say what it predicts, and Stable Diffusion 2.x was made for both. It is taken for {}, since {};"
                        + " if pictures are mere noise, set model.prediction_type={}",
                file,
                v ? "v" : "the noise (epsilon)",
                biases == null
                        ? "most models of 2.x are"
                        : String.format(
                                Locale.ROOT,
                                "the biases of its last transformer's first norm spread by %.3f, and those of v models by"
                                        + " more than %.2f",
                                spread(biases.toFloats()),
                                SPREAD),
                v ? "epsilon" : "v_prediction");
        return v;
    }

    private static double spread(float[] values) {
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value;
            squares += (double) value * value;
        }
        double mean = sum / values.length;
        return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
    }
}
