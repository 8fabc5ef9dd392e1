package atelier.diffusion.model;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.PredictionType;
import atelier.diffusion.tensor.LoadOptions.Prepack;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.ModelSource;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code model} of the configuration.
 *
 * @param path a diffusers folder or one .safetensors file
 * @param vae another autoencoder, a folder or a .safetensors file; null for the model's own
 * @param textEncoder another text encoder, a folder or a .safetensors file; null for the model's own
 * @param predictionType what the model predicts: epsilon, v_prediction or sample; null where its files say it
 * @param dtype what the frozen networks compute in
 * @param prepack which frozen weights training keeps in one layout for each direction
 */
public record ModelSettings(
        @Nullable Path path,
        @Nullable Path vae,
        @Nullable Path textEncoder,
        @Nullable String predictionType,
        Precision dtype,
        Prepack prepack) {
    public ModelSettings {
        if (predictionType != null) {
            // Checks itself.
            PredictionType.of(predictionType);
        }
    }

    /**
     * The model with what stands in for parts of it.
     *
     * @throws IllegalArgumentException when no path is set
     */
    public ModelSource source() {
        return new ModelSource(requirePath(), vae, textEncoder, predictionType);
    }

    /** The model's path; an error that says how to give one when there is none. */
    public Path requirePath() {
        if (path == null) {
            throw new WrongCommandException("model.path is not set; give a diffusers folder or a .safetensors file,"
                    + " such as model.path=checkpoints/base");
        }
        return path;
    }
}
