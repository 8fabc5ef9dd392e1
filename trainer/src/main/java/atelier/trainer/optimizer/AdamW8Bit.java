package atelier.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import java.util.List;

/**
 * AdamW with moments of one byte a value (Dettmers et al. 2022, "8-bit Optimizers via Block-wise Quantization"), as
 * bitsandbytes computes it: each block of 256 values has one magnitude, each value an entry of a dynamic table.
 */
public final class AdamW8Bit extends StatefulOptimizer {
    static final int BLOCK = 256;

    private final double beta1;
    private final double beta2;
    private final double eps;
    private final NDArray signedCodes;
    private final NDArray unsignedCodes;
    private final List<State> states;

    public AdamW8Bit(Kernels kernels, List<ParameterGroup> groups, double beta1, double beta2, double eps) {
        super(kernels, groups);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        this.signedCodes = manager.create(DynamicCodes.signed());
        this.unsignedCodes = manager.create(DynamicCodes.unsigned());
        this.states = each(group -> new State(
                new Tensors(group),
                state("exp_avg", group, this::bytesOfZero),
                state("exp_avg_sq", group, this::bytesOfZero),
                state("exp_avg_max", group, this::magnitudes),
                state("exp_avg_sq_max", group, this::magnitudes)));
    }

    private record State(
            Tensors tensors, NDList first, NDList second, NDList firstMagnitudes, NDList secondMagnitudes) {}

    private NDArray bytesOfZero(Parameter parameter) {
        // Any code stands for zero as long as the magnitude is zero.
        return manager.zeros(parameter.value().getShape(), DataType.UINT8);
    }

    private NDArray magnitudes(Parameter parameter) {
        long blocks = (parameter.value().size() + BLOCK - 1) / BLOCK;
        return manager.zeros(new Shape(blocks), DataType.FLOAT32);
    }

    @Override
    public void step(double rate, long step) {
        for (State state : states) {
            ParameterGroup group = state.tensors.group;
            kernels.run(
                    "adamw_8bit_step",
                    state.tensors.values,
                    state.tensors.gradients,
                    state.first,
                    state.second,
                    state.firstMagnitudes,
                    state.secondMagnitudes,
                    signedCodes,
                    unsignedCodes,
                    (double) step,
                    rate * group.rateFactor(),
                    beta1,
                    beta2,
                    group.weightDecay(),
                    eps);
        }
    }
}
