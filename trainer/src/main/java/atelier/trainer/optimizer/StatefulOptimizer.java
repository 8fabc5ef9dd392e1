package atelier.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
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

    /** A group's parameters and gradients, which are others' and live. */
    static final class Tensors {
        final ParameterGroup group;
        final NDList values;
        final NDList gradients;

        Tensors(ParameterGroup group) {
            this.group = group;
            this.values = group.values();
            this.gradients = group.gradients();
        }
    }

    /** The state of all groups, made group by group. */
    <T> List<T> each(Function<ParameterGroup, T> state) {
        List<T> all = new ArrayList<>();
        groups.forEach(group -> all.add(state.apply(group)));
        return all;
    }

    /** Zeros in the shape of each parameter, saved as "kind.PARAMETER". */
    NDList zeros(String kind, ParameterGroup group) {
        return state(kind, group, parameter -> manager.zeros(parameter.value().getShape(), DataType.FLOAT32));
    }

    /** A copy of each parameter, saved as "kind.PARAMETER". */
    NDList copies(String kind, ParameterGroup group) {
        return state(kind, group, parameter -> kernels.one(manager, "copy_of", parameter.value()));
    }

    NDList state(String kind, ParameterGroup group, Function<Parameter, NDArray> make) {
        NDList list = new NDList();
        for (Parameter parameter : group.parameters()) {
            list.add(saved(kind, parameter, make.apply(parameter)));
        }
        return list;
    }

    /** Takes a tensor into the state as "kind.PARAMETER". */
    NDArray saved(String kind, Parameter parameter, NDArray tensor) {
        if (tensors.put(kind + "." + parameter.name(), tensor) != null) {
            throw new IllegalArgumentException("two parameters are named " + parameter.name());
        }
        return tensor;
    }

    static double number(Map<String, Double> numbers, String name) {
        Double value = numbers.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the optimizer's saved state lacks the number '" + name
                    + "'; was it saved with another optimizer.name?");
        }
        return value;
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
