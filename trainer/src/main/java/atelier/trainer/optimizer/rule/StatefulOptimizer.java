package atelier.trainer.optimizer.rule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.GroupTensors;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.ParameterGroup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Holds a rule's state tensors under stable names, and each group's tensors as the lists that kernels take. */
abstract class StatefulOptimizer implements Optimizer {
    final Kernels kernels;
    final NDManager manager;
    private final List<ParameterGroup> groups;
    private final Map<String, NDArray> tensors = new LinkedHashMap<>();

    StatefulOptimizer(Kernels kernels, List<ParameterGroup> groups) {
        this.kernels = kernels;
        this.groups = List.copyOf(groups);
        this.manager = kernels.manager().newSubManager();
    }

    /** A group's parameters and gradients as elementwise rules take them. */
    GroupTensors tensors(ParameterGroup group) {
        return new GroupTensors(kernels, manager, group);
    }

    /** The state of all groups, made group by group. */
    <T> List<T> each(Function<ParameterGroup, T> state) {
        List<T> all = new ArrayList<>();
        groups.forEach(group -> all.add(state.apply(group)));
        return all;
    }

    /** Zeros in the shape of each parameter, saved as "kind.PARAMETER". */
    NDList zeros(String kind, GroupTensors tensors) {
        return saved(kind, tensors.zeros(DataType.FLOAT32));
    }

    /** A copy of each parameter, saved as "kind.PARAMETER". */
    NDList copies(String kind, GroupTensors tensors) {
        return saved(kind, tensors.copies());
    }

    /** Takes a kind of state in as "kind.PARAMETER", and gives it as kernels take it. */
    NDList saved(String kind, GroupTensors.State state) {
        state.each().forEach((name, tensor) -> saved(kind, name, tensor));
        return state.list();
    }

    /** Takes a tensor into the state as "kind.PARAMETER". */
    NDArray saved(String kind, String name, NDArray tensor) {
        if (tensors.put(kind + "." + name, tensor) != null) {
            throw new IllegalArgumentException("two parameters are named " + name);
        }
        return tensor;
    }

    @Override
    public List<ParameterGroup> groups() {
        return groups;
    }

    @Override
    public Map<String, NDArray> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public void close() {
        manager.close();
    }
}
