package atelier.trainer.optimizer.rule;

import ai.djl.ndarray.NDList;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.GroupTensors;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.SetAside;
import atelier.trainer.state.StateReader;
import atelier.trainer.state.StateWriter;
import java.util.List;

/**
 * Schedule-Free AdamW (Defazio et al. 2024), as schedulefree computes it: gradients are taken at y = x + (1 - beta1)(z -
 * x), z steps, x is the average that counts. Between steps parameters hold y; {@link #evaluation()} brings x. It wants a
 * constant rate after a warm-up.
 */
public final class ScheduleFreeAdamW extends StatefulOptimizer {
    private final double beta1;
    private final double beta2;
    private final double eps;
    private final List<State> states;
    private double largestRate;
    private double weightSum;

    public ScheduleFreeAdamW(Kernels kernels, List<ParameterGroup> groups, double beta1, double beta2, double eps) {
        super(kernels, groups);
        if (beta1 <= 0) {
            throw new WrongCommandException("optimizer.betas must begin above 0 for schedule_free_adamw, got " + beta1);
        }
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        this.states = each(group -> {
            GroupTensors tensors = tensors(group);
            return new State(tensors, zeros("exp_avg_sq", tensors), copies("z", tensors));
        });
    }

    private record State(GroupTensors tensors, NDList second, NDList z) {}

    @Override
    public void step(double rate, long step) {
        // A group's factor would multiply all of its weights alike: the shares are the same for all groups.
        largestRate = Math.max(largestRate, rate);
        double weight = largestRate * largestRate;
        weightSum += weight;
        double share = weightSum == 0 ? 0 : weight / weightSum;
        for (State state : states) {
            ParameterGroup group = state.tensors.group;
            kernels.run(
                    "schedule_free_step",
                    state.tensors.values,
                    state.tensors.gradients,
                    state.second,
                    state.z,
                    (double) step,
                    rate * group.rateFactor(),
                    beta1,
                    beta2,
                    group.weightDecay(),
                    eps,
                    share);
        }
    }

    @Override
    public Evaluation evaluation() {
        NDList all = new NDList();
        states.forEach(state -> all.addAll(state.tensors.values));
        Evaluation kept = SetAside.keep(kernels, all);
        for (State state : states) {
            kernels.run("move_towards", state.tensors.values, state.z, 1 - 1 / beta1);
        }
        return kept;
    }

    @Override
    public void save(StateWriter state) {
        super.save(state);
        state.number("optimizer.largest_rate", largestRate);
        state.number("optimizer.weight_sum", weightSum);
    }

    @Override
    public void load(StateReader state) {
        super.load(state);
        largestRate = state.number("optimizer.largest_rate");
        weightSum = state.number("optimizer.weight_sum");
    }
}
