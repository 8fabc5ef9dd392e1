package atelier.trainer.optimizer;

import ai.djl.ndarray.NDList;
import atelier.diffusion.tensor.Kernels;
import java.util.List;

/** Lion (Chen et al. 2023), as lion-pytorch computes it: steps by the sign of a blend of momentum and gradient. */
public final class Lion extends StatefulOptimizer {
    private final double beta1;
    private final double beta2;
    private final List<State> states;

    public Lion(Kernels kernels, List<ParameterGroup> groups, double beta1, double beta2) {
        super(kernels, groups);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.states = each(group -> new State(new Tensors(group), zeros("exp_avg", group)));
    }

    private record State(Tensors tensors, NDList average) {}

    @Override
    public void step(double rate, long step) {
        for (State state : states) {
            ParameterGroup group = state.tensors.group;
            kernels.run(
                    "lion_step",
                    state.tensors.values,
                    state.tensors.gradients,
                    state.average,
                    rate * group.rateFactor(),
                    beta1,
                    beta2,
                    group.weightDecay());
        }
    }
}
