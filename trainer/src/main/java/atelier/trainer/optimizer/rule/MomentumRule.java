package atelier.trainer.optimizer.rule;

import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.ParameterGroup;
import java.util.List;

/** What gradient descent and Muon share: a momentum of the gradient, Nesterov's or plain. */
abstract class MomentumRule extends KernelOptimizer {
    static final String MOMENTUM = "momentum_buffer";

    final double momentum;
    final boolean nesterov;

    MomentumRule(Kernels kernels, List<ParameterGroup> groups, String kernel, double momentum, boolean nesterov) {
        super(kernels, groups, kernel, Moment.zeros(MOMENTUM));
        this.momentum = momentum;
        this.nesterov = nesterov;
    }

    @Override
    List<Object> more(ParameterGroup group, double rate, long step) {
        return List.of(rate, momentum, group.weightDecay(), nesterov);
    }
}
