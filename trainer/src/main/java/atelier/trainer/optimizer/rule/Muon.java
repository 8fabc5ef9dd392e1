package atelier.trainer.optimizer.rule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import atelier.trainer.optimizer.GroupTensors;
import atelier.trainer.optimizer.MuonSettings;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.Stacks;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;

/**
 * Muon (Jordan et al. 2024): momentum made orthogonal by five Newton-Schulz iterations, for matrices only; a convolution
 * counts as a matrix [out, in * k * k]. Iterations are in fp32. Parameters that share a buffer are iterated on in stacks
 * of equal shapes.
 */
public final class Muon extends MomentumRule {
    private static final int ITERATIONS = 5;

    private final boolean matchesAdamW;
    private final IdentityHashMap<ParameterGroup, List<Stack>> stacks = new IdentityHashMap<>();

    public Muon(
            Kernels kernels, List<ParameterGroup> groups, double momentum, boolean nesterov, MuonSettings settings) {
        super(kernels, groups, "muon_step", momentum, nesterov);
        this.matchesAdamW = settings.adjust() == MuonSettings.Adjust.MATCH_RMS_ADAMW;
        for (ParameterGroup group : groups()) {
            if (group.flat() != null) {
                stacks.put(group, stacks(group));
            }
        }
    }

    /** Matrices of one shape. */
    private record Stack(NDList values, NDList gradients, NDList momenta) {}

    private List<Stack> stacks(ParameterGroup group) {
        List<Stack> all = new ArrayList<>();
        Stacks.of(group.parameters()).forEach((shape, parameters) -> {
            Stack stack = new Stack(new NDList(), new NDList(), new NDList());
            for (Parameter parameter : parameters) {
                NDArray average = tensors().get(MOMENTUM + "." + parameter.name());
                stack.values.add(parameter.value());
                stack.gradients.add(parameter.gradient());
                stack.momenta.add(Objects.requireNonNull(average));
            }
            all.add(stack);
        });
        return all;
    }

    @Override
    void update(GroupTensors tensors, List<NDList> moments, double rate, long step) {
        List<Stack> own = stacks.get(tensors.group);
        if (own == null) {
            super.update(tensors, moments, rate, step);
            return;
        }
        double decay = tensors.group.weightDecay();
        kernels.run("muon_average", tensors.values, tensors.gradients, moments.get(0), rate, momentum, decay);
        for (Stack stack : own) {
            kernels.run(
                    "muon_stack",
                    stack.values,
                    stack.gradients,
                    stack.momenta,
                    rate,
                    momentum,
                    nesterov,
                    ITERATIONS,
                    matchesAdamW);
        }
    }

    @Override
    List<Object> more(ParameterGroup group, double rate, long step) {
        List<Object> more = new ArrayList<>(super.more(group, rate, step));
        more.add(ITERATIONS);
        more.add(matchesAdamW);
        return more;
    }
}
