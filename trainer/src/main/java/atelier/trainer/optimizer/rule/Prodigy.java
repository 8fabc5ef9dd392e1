package atelier.trainer.optimizer.rule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.GroupTensors;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.ProdigySettings;
import atelier.trainer.state.StateReader;
import atelier.trainer.state.StateWriter;
import java.util.List;

/**
 * Prodigy (Mishchenko and Defazio 2023), as prodigyopt computes it: Adam whose step is multiplied by an estimate d of the
 * distance to the solution, which only grows. The rate is 1, or a schedule that ends there.
 */
public final class Prodigy extends StatefulOptimizer {
    private final ProdigySettings settings;
    private final double beta1;
    private final double beta2;
    private final double eps;
    private final List<State> states;
    private double d;
    private double largest;
    private double numerator;

    /** @throws WrongCommandException if groups differ in their rates: there is one d for all */
    public Prodigy(
            Kernels kernels,
            List<ParameterGroup> groups,
            double beta1,
            double beta2,
            double eps,
            ProdigySettings settings) {
        super(kernels, groups);
        if (groups.stream().anyMatch(group -> group.rateFactor() != 1)) {
            throw new WrongCommandException("optimizer.name prodigy finds one rate for everything: leave"
                    + " optimizer.lora_plus_ratio at 1 and adapter.rates empty");
        }
        this.settings = settings;
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        this.d = settings.d0();
        this.largest = settings.d0();
        this.states = each(group -> {
            GroupTensors tensors = tensors(group);
            return new State(
                    tensors,
                    zeros("exp_avg", tensors),
                    zeros("exp_avg_sq", tensors),
                    zeros("s", tensors),
                    copies("p0", tensors));
        });
    }

    private record State(GroupTensors tensors, NDList first, NDList second, NDList s, NDList start) {}

    @Override
    public void step(double rate, long step) {
        double correction = settings.useBiasCorrection()
                ? Math.sqrt(1 - Math.pow(beta2, (double) step)) / (1 - Math.pow(beta1, (double) step))
                : 1;
        double stepSize = d * rate * correction;
        double beta3 = Math.sqrt(beta2);
        double growth = d / settings.d0();
        double along = 0;
        double length = 0;
        if (rate > 0) {
            for (State state : states) {
                double[] sums = gather(state, beta3, growth * (settings.safeguardWarmup() ? d : stepSize));
                along += sums[0];
                length += sums[1];
            }
        }
        if (length == 0) {
            return;
        }
        numerator = numerator * beta3 + growth * stepSize * along;
        estimate(settings.dCoef() * numerator / length);
        for (State state : states) {
            kernels.run(
                    "prodigy_step",
                    state.tensors.values,
                    state.first,
                    state.second,
                    stepSize,
                    state.tensors.group.weightDecay(),
                    d * eps);
        }
    }

    private double[] gather(State state, double beta3, double sRate) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray sums = kernels.one(
                    scope,
                    "prodigy_gather",
                    state.tensors.values,
                    state.tensors.gradients,
                    state.first,
                    state.second,
                    state.s,
                    state.start,
                    d,
                    beta1,
                    beta2,
                    beta3,
                    sRate);
            return HostCopy.doubles(sums);
        }
    }

    private void estimate(double guess) {
        if (d == settings.d0()) {
            d = Math.max(d, guess);
        }
        largest = Math.max(largest, guess);
        d = Math.min(largest, d * settings.growthRate());
    }

    @Override
    public void save(StateWriter state) {
        super.save(state);
        state.number("optimizer.d", d);
        state.number("optimizer.d_max", largest);
        state.number("optimizer.d_numerator", numerator);
    }

    @Override
    public void load(StateReader state) {
        super.load(state);
        d = state.number("optimizer.d");
        largest = state.number("optimizer.d_max");
        numerator = state.number("optimizer.d_numerator");
    }
}
