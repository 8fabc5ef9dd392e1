package atelier.inference.draw;

import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.ModelSource;
import atelier.inference.request.AdapterChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A model with adapters merged into its weights for good. */
public final class MergedModel {
    private MergedModel() {}

    /**
     * Opens a model for drawing.
     *
     * @param adapters added up; DoRA's in the given order
     * @throws WrongCommandException if an adapter does not exist or is for another model
     */
    public static StableDiffusion open(Path model, List<AdapterChoice> adapters, Kernels kernels, Precision precision)
            throws IOException {
        return open(ModelSource.of(model), adapters, kernels, precision);
    }

    /** As {@link #open(Path, List, Kernels, Precision)}, with other networks in place of some of the model's own. */
    public static StableDiffusion open(
            ModelSource model, List<AdapterChoice> adapters, Kernels kernels, Precision precision) throws IOException {
        return ModelSession.open(model, List.of(adapters), kernels, precision).model();
    }
}
