package atelier.trainer.optimizer;

import ai.djl.ndarray.NDList;
import atelier.diffusion.tensor.Kernels;
import java.util.List;

/** AdamW (Loshchilov and Hutter 2019), as torch.optim.AdamW computes it. */
public final class AdamW extends StatefulOptimizer {
    private final double beta1;
    private final double beta2;
    private final double eps;
    private final List<State> states;

    public AdamW(Kernels kernels, List<ParameterGroup> groups, double beta1, double beta2, double eps) {
        super(kernels, groups);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        this.states = each(group -> new State(new Tensors(group), zeros("exp_avg", group), zeros("exp_avg_sq", group)));
    }

    private record State(Tensors tensors, NDList first, NDList second) {}

    @Override
    public void step(double rate, long step) {
        for (State state : states) {
            ParameterGroup group = state.tensors.group;
            kernels.run(
                    "adamw_step",
                    state.tensors.values,
                    state.tensors.gradients,
                    state.first,
                    state.second,
                    (double) step,
                    rate * group.rateFactor(),
                    beta1,
                    beta2,
                    group.weightDecay(),
                    eps);
        }
    }
}
