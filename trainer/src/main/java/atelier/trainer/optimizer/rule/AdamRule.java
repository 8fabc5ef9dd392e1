package atelier.trainer.optimizer.rule;

import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.ParameterGroup;
import java.util.List;

/** What all forms of AdamW share: averages of the gradient and of its square, each with its decay. */
abstract class AdamRule extends KernelOptimizer {
    private final double beta1;
    private final double beta2;
    private final double eps;

    AdamRule(
            Kernels kernels,
            List<ParameterGroup> groups,
            String kernel,
            double beta1,
            double beta2,
            double eps,
            Moment... moments) {
        super(kernels, groups, kernel, moments);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
    }

    @Override
    List<Object> more(ParameterGroup group, double rate, long step) {
        return List.of((double) step, rate, beta1, beta2, group.weightDecay(), eps);
    }
}
