package atelier.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW with moments of one byte a value (Dettmers et al. 2022, "8-bit Optimizers via Block-wise Quantization"), as
 * bitsandbytes computes it: each block of 256 values has one magnitude, each value an entry of a dynamic table.
 */
public final class AdamW8Bit extends AdamRule {
    static final int BLOCK = 256;

    private final NDArray signedCodes;
    private final NDArray unsignedCodes;

    public AdamW8Bit(Kernels kernels, List<ParameterGroup> groups, double beta1, double beta2, double eps) {
        super(
                kernels,
                groups,
                "adamw_8bit_step",
                beta1,
                beta2,
                eps,
                new Moment("exp_avg", AdamW8Bit::bytesOfZero),
                new Moment("exp_avg_sq", AdamW8Bit::bytesOfZero),
                new Moment("exp_avg_max", AdamW8Bit::magnitudes),
                new Moment("exp_avg_sq_max", AdamW8Bit::magnitudes));
        this.signedCodes = manager.create(DynamicCodes.signed());
        this.unsignedCodes = manager.create(DynamicCodes.unsigned());
    }

    private static NDArray bytesOfZero(NDManager manager, Parameter parameter) {
        // Any code stands for zero as long as the magnitude is zero.
        return manager.zeros(parameter.value().getShape(), DataType.UINT8);
    }

    private static NDArray magnitudes(NDManager manager, Parameter parameter) {
        long blocks = (parameter.value().size() + BLOCK - 1) / BLOCK;
        return manager.zeros(new Shape(blocks), DataType.FLOAT32);
    }

    @Override
    List<Object> more(ParameterGroup group, double rate, long step) {
        List<Object> more = new ArrayList<>(List.of(signedCodes, unsignedCodes));
        more.addAll(super.more(group, rate, step));
        return more;
    }
}
