package atelier.trainer.optimizer;

import ai.djl.ndarray.NDList;
import atelier.diffusion.tensor.Kernels;
import java.util.List;

/** Gradient descent with momentum, Nesterov's or plain, as torch.optim.SGD computes it: decay is part of the gradient. */
public final class Sgd extends StatefulOptimizer {
    private final double momentum;
    private final boolean nesterov;
    private final List<State> states;

    public Sgd(Kernels kernels, List<ParameterGroup> groups, double momentum, boolean nesterov) {
        super(kernels, groups);
        this.momentum = momentum;
        this.nesterov = nesterov;
        this.states = each(group -> new State(new Tensors(group), zeros("momentum_buffer", group)));
    }

    private record State(Tensors tensors, NDList momentum) {}

    @Override
    public void step(double rate, long step) {
        for (State state : states) {
            ParameterGroup group = state.tensors.group;
            kernels.run(
                    "sgd_step",
                    state.tensors.values,
                    state.tensors.gradients,
                    state.momentum,
                    rate * group.rateFactor(),
                    momentum,
                    group.weightDecay(),
                    nesterov);
        }
    }
}
