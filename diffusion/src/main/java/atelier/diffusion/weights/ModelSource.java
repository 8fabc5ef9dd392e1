package atelier.diffusion.weights;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A model, and what stands in for parts of it.
 *
 * @param path a diffusers folder or one .safetensors file
 * @param vae another autoencoder: a folder with config.json, or a .safetensors file; null for the model's own
 * @param textEncoder text encoders of another model: its folder or single file, or the folder of one encoder; null for
 *     the model's own
 * @param predictionType what the model predicts, epsilon, v_prediction or sample; null where the model says it
 */
public record ModelSource(
        Path path,
        @Nullable Path vae,
        @Nullable Path textEncoder,
        @Nullable String predictionType) {
    /** The model as it is. */
    public static ModelSource of(Path path) {
        return new ModelSource(path, null, null, null);
    }
}
