package atelier.trainer.optimizer;

import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.tensor.FlatBuffer;
import java.util.Optional;

/**
 * Where parameters lie that share two buffers.
 *
 * @param values of the parameters
 * @param gradients laid out as the values
 */
public record FlatParameters(FlatBuffer values, FlatBuffer gradients) {
    /** An adapter's; empty where blocks do not run fused. */
    public static Optional<FlatParameters> of(Adapter adapter) {
        return adapter.flatValues()
                .flatMap(values -> adapter.flatGradients().map(gradients -> new FlatParameters(values, gradients)));
    }
}
