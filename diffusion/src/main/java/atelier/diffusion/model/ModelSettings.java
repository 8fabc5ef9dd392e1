package atelier.diffusion.model;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.LoadOptions.Prepack;
import atelier.diffusion.tensor.Precision;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code model} of the configuration.
 *
 * @param path a diffusers folder or one .safetensors file
 * @param dtype what the frozen networks compute in
 * @param prepack which frozen weights training keeps in one layout for each direction
 */
public record ModelSettings(@Nullable Path path, Precision dtype, Prepack prepack) {
    /** The model's path; an error that says how to give one when there is none. */
    public Path requirePath() {
        if (path == null) {
            throw new WrongCommandException("model.path is not set; give a diffusers folder or a .safetensors file,"
                    + " such as model.path=checkpoints/base");
        }
        return path;
    }
}
