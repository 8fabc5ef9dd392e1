package atelier.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/** A rule that is one kernel a group: it takes the parameters, their gradients, their moments, and what the rule adds. */
abstract class KernelOptimizer extends StatefulOptimizer {
    private final String kernel;
    private final List<State> states;

    KernelOptimizer(Kernels kernels, List<ParameterGroup> groups, String kernel, Moment... moments) {
        super(kernels, groups);
        this.kernel = kernel;
        this.states = each(group -> new State(
                new Tensors(group),
                Arrays.stream(moments)
                        .map(moment -> state(moment.name, group, parameter -> moment.start.apply(manager, parameter)))
                        .toList()));
    }

    private record State(Tensors tensors, List<NDList> moments) {}

    /**
     * A tensor that the rule keeps for each parameter.
     *
     * @param name the prefix that it is saved under
     * @param start its first value
     */
    record Moment(String name, BiFunction<NDManager, Parameter, NDArray> start) {
        /** Zeros in the parameter's shape. */
        static Moment zeros(String name) {
            return new Moment(
                    name,
                    (manager, parameter) -> manager.zeros(parameter.value().getShape(), DataType.FLOAT32));
        }
    }

    /** What the kernel takes behind the moments. */
    abstract List<Object> more(ParameterGroup group, double rate, long step);

    @Override
    public final void step(double rate, long step) {
        for (State state : states) {
            ParameterGroup group = state.tensors.group;
            List<Object> arguments = new ArrayList<>(List.of(state.tensors.values, state.tensors.gradients));
            arguments.addAll(state.moments);
            arguments.addAll(more(group, rate * group.rateFactor(), step));
            kernels.run(kernel, arguments.toArray());
        }
    }
}
