package atelier.trainer.optimizer;

import static atelier.common.error.Checks.check;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import atelier.diffusion.tensor.Parameter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parameters that share a learning rate and a weight decay.
 *
 * @param name what metrics call the group
 * @param parameters at least one
 * @param rateFactor multiplies the schedule's rate: LoRA+'s ratio, or a block's own rate
 * @param weightDecay the share of a parameter that a step of rate 1 takes off
 * @param flat the buffers that hold the parameters and their gradients; null where each stands alone
 */
public record ParameterGroup(
        String name,
        List<Parameter> parameters,
        double rateFactor,
        double weightDecay,
        @Nullable FlatParameters flat) {
    /** Parameters that each stand alone. */
    public ParameterGroup(String name, List<Parameter> parameters, double rateFactor, double weightDecay) {
        this(name, parameters, rateFactor, weightDecay, null);
    }

    public ParameterGroup {
        parameters = List.copyOf(parameters);
        check(!parameters.isEmpty(), "the parameter group '%s' is empty", name);
        check(rateFactor >= 0, "a group's rate factor must be at least 0, got %s", rateFactor);
        check(weightDecay >= 0, "a group's weight decay must be at least 0, got %s", weightDecay);
    }

    public NDList values() {
        return new NDList(parameters.stream().map(Parameter::value).toArray(NDArray[]::new));
    }

    public NDList gradients() {
        return new NDList(parameters.stream().map(Parameter::gradient).toArray(NDArray[]::new));
    }
}
