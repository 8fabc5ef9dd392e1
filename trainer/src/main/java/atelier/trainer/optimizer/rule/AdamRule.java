package atelier.trainer.optimizer.rule;

import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.ParameterGroup;
import java.util.List;

/** What all forms of AdamW share: averages of the gradient and of its square, each with its decay. */
abstract class AdamRule extends KernelOptimizer {
    private final Decays decays;

    /**
     * How the averages forget.
     *
     * @param first decay of the gradient's average
     * @param second decay of its square's
     * @param eps what is added to the root of the second
     */
    record Decays(double first, double second, double eps) {}

    AdamRule(Kernels kernels, List<ParameterGroup> groups, String kernel, Decays decays, Moment... moments) {
        super(kernels, groups, kernel, moments);
        this.decays = decays;
    }

    @Override
    List<Object> more(ParameterGroup group, double rate, long step) {
        return List.of((double) step, rate, decays.first(), decays.second(), group.weightDecay(), decays.eps());
    }
}
