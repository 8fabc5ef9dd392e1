package atelier.trainer.optimizer;

import ai.djl.ndarray.NDList;
import atelier.diffusion.tensor.Kernels;
import java.util.List;

/**
 * Muon (Jordan et al. 2024): momentum made orthogonal by five Newton-Schulz iterations, for matrices only; a convolution
 * counts as a matrix [out, in * k * k]. Iterations are in fp32.
 */
public final class Muon extends StatefulOptimizer {
    private static final int ITERATIONS = 5;

    private final double momentum;
    private final boolean nesterov;
    private final MuonSettings settings;
    private final List<State> states;

    public Muon(
            Kernels kernels, List<ParameterGroup> groups, double momentum, boolean nesterov, MuonSettings settings) {
        super(kernels, groups);
        this.momentum = momentum;
        this.nesterov = nesterov;
        this.settings = settings;
        this.states = each(group -> new State(new Tensors(group), zeros("momentum_buffer", group)));
    }

    private record State(Tensors tensors, NDList momentum) {}

    @Override
    public void step(double rate, long step) {
        for (State state : states) {
            ParameterGroup group = state.tensors.group;
            kernels.run(
                    "muon_step",
                    state.tensors.values,
                    state.tensors.gradients,
                    state.momentum,
                    rate * group.rateFactor(),
                    momentum,
                    group.weightDecay(),
                    nesterov,
                    ITERATIONS,
                    settings.adjust() == MuonSettings.Adjust.MATCH_RMS_ADAMW);
        }
    }
}
