package atelier.trainer.optimizer.rule;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.GroupTensors;
import atelier.trainer.optimizer.ParameterGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** A rule that is one kernel a group: it takes the parameters, their gradients, their moments, and what the rule adds. */
abstract class KernelOptimizer extends StatefulOptimizer {
    private final String kernel;
    private final List<State> states;

    KernelOptimizer(Kernels kernels, List<ParameterGroup> groups, String kernel, Moment... moments) {
        super(kernels, groups);
        this.kernel = kernel;
        this.states = each(group -> {
            GroupTensors tensors = tensors(group);
            return new State(
                    tensors,
                    Arrays.stream(moments)
                            .map(moment -> saved(moment.name, moment.start.apply(tensors)))
                            .toList());
        });
    }

    private record State(GroupTensors tensors, List<NDList> moments) {}

    /**
     * What the rule keeps for each parameter.
     *
     * @param name the prefix that it is saved under
     * @param start makes it
     */
    record Moment(String name, Function<GroupTensors, GroupTensors.State> start) {
        /** Zeros in the parameter's shape. */
        static Moment zeros(String name) {
            return new Moment(name, tensors -> tensors.zeros(DataType.FLOAT32));
        }
    }

    /** The kernel for a group. */
    String kernel(ParameterGroup group) {
        return kernel;
    }

    /** What the kernel takes behind the moments. */
    abstract List<Object> more(ParameterGroup group, double rate, long step);

    @Override
    public final void step(double rate, long step) {
        for (State state : states) {
            update(state.tensors, state.moments, rate * state.tensors.group.rateFactor(), step);
        }
    }

    /** Updates a group, whose own rate it is. */
    void update(GroupTensors tensors, List<NDList> moments, double rate, long step) {
        List<Object> arguments = new ArrayList<>(List.of(tensors.values, tensors.gradients));
        arguments.addAll(moments);
        arguments.addAll(more(tensors.group, rate, step));
        kernels.run(kernel(tensors.group), arguments.toArray());
    }
}
