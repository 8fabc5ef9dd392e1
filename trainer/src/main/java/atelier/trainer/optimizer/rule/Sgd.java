package atelier.trainer.optimizer.rule;

import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.ParameterGroup;
import java.util.List;

/** Gradient descent with momentum, Nesterov's or plain, as torch.optim.SGD computes it: decay is part of the gradient. */
public final class Sgd extends MomentumRule {
    public Sgd(Kernels kernels, List<ParameterGroup> groups, double momentum, boolean nesterov) {
        super(kernels, groups, "sgd_step", momentum, nesterov);
    }
}
