package atelier.trainer.optimizer.rule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.GroupTensors;
import atelier.trainer.optimizer.ParameterGroup;
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
                new Decays(beta1, beta2, eps),
                new Moment("exp_avg", AdamW8Bit::zeros),
                new Moment("exp_avg_sq", AdamW8Bit::zeros),
                new Moment("exp_avg_max", AdamW8Bit::magnitudes),
                new Moment("exp_avg_sq_max", AdamW8Bit::magnitudes));
        this.signedCodes = manager.create(DynamicCodes.signed());
        this.unsignedCodes = manager.create(DynamicCodes.unsigned());
    }

    private static GroupTensors.State zeros(GroupTensors tensors) {
        // Any code stands for zero as long as the magnitude is zero.
        return tensors.zeros(DataType.UINT8);
    }

    private static GroupTensors.State magnitudes(GroupTensors tensors) {
        return tensors.zerosByBlock(BLOCK);
    }

    @Override
    String kernel(ParameterGroup group) {
        return group.flat() == null ? super.kernel(group) : "adamw_8bit_runs";
    }

    @Override
    List<Object> more(ParameterGroup group, double rate, long step) {
        List<Object> more = new ArrayList<>(List.of(signedCodes, unsignedCodes));
        more.addAll(super.more(group, rate, step));
        return more;
    }
}
