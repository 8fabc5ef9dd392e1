package atelier.diffusion.weights;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a single file's model predicts, and on which schedule. Shapes do not show it: the file's metadata, the marker
 * tensors {@code v_pred} and {@code ztsnr} and the .yaml beside it are asked; Stable Diffusion 2.x without any of them
 * is taken for the 768-pixel model that predicts v, as diffusers takes it.
 */
final class InferredScheduler {
    private InferredScheduler() {}

    static ObjectNode of(
            ModelFamily family, boolean inpainting, Path file, Map<String, String> metadata, Set<String> names)
            throws IOException {
        boolean v = predictsV(family, inpainting, file, metadata, names);
        ObjectNode config = ModelFolder.JSON.createObjectNode();
        config.put(
                "_class_name",
                switch (family) {
                    case SD1 -> "PNDMScheduler";
                    case SD2 -> "DDIMScheduler";
                    case SDXL, SDXL_REFINER -> "EulerDiscreteScheduler";
                });
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

    private static boolean predictsV(
            ModelFamily family, boolean inpainting, Path file, Map<String, String> metadata, Set<String> names)
            throws IOException {
        String stated = metadata.getOrDefault("modelspec.prediction_type", "").toLowerCase(Locale.ROOT);
        String architecture = metadata.getOrDefault("modelspec.architecture", "");
        if (names.contains("v_pred")
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
        return family == ModelFamily.SD2 && !inpainting;
    }
}
