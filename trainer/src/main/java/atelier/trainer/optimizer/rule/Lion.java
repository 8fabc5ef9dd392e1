package atelier.trainer.optimizer.rule;

import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.ParameterGroup;
import java.util.List;

/** Lion (Chen et al. 2023), as lion-pytorch computes it: steps by the sign of a blend of momentum and gradient. */
public final class Lion extends KernelOptimizer {
    private final double beta1;
    private final double beta2;

    public Lion(Kernels kernels, List<ParameterGroup> groups, double beta1, double beta2) {
        super(kernels, groups, "lion_step", Moment.zeros("exp_avg"));
        this.beta1 = beta1;
        this.beta2 = beta2;
    }

    @Override
    List<Object> more(ParameterGroup group, double rate, long step) {
        return List.of(rate, beta1, beta2, group.weightDecay());
    }
}
