package atelier.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.FlatBuffer;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A group's parameters and gradients, which are others' and live, as elementwise rules take them: one tensor for all that
 * lie side by side in a buffer, else one a parameter. State is laid out alike. Between parameters that lie side by side
 * are zeros, which every such rule leaves zero.
 */
public final class GroupTensors {
    public final ParameterGroup group;
    public final NDList values;
    public final NDList gradients;
    private final Kernels kernels;
    private final NDManager manager;
    /** Parameters that lie side by side, in the order in which they lie; empty where each stands alone. */
    private final List<List<Parameter>> runs;

    /** @param manager owns views and state */
    public GroupTensors(Kernels kernels, NDManager manager, ParameterGroup group) {
        this.kernels = kernels;
        this.manager = manager;
        this.group = group;
        FlatParameters flat = group.flat();
        if (flat == null) {
            runs = List.of();
            values = group.values();
            gradients = group.gradients();
            return;
        }
        runs = runs(flat.values(), group.parameters());
        values = new NDList();
        gradients = new NDList();
        for (List<Parameter> run : runs) {
            values.add(flat.values()
                    .run(manager, run.stream().map(Parameter::value).toList()));
            gradients.add(flat.gradients()
                    .run(manager, run.stream().map(Parameter::gradient).toList()));
        }
    }

    private static List<List<Parameter>> runs(FlatBuffer buffer, List<Parameter> parameters) {
        List<Parameter> sorted = parameters.stream()
                .sorted(Comparator.comparingInt(parameter -> buffer.indexOf(parameter.value())))
                .toList();
        List<List<Parameter>> runs = new ArrayList<>();
        int next = -1;
        for (Parameter parameter : sorted) {
            int index = buffer.indexOf(parameter.value());
            if (index != next) {
                runs.add(new ArrayList<>());
            }
            runs.get(runs.size() - 1).add(parameter);
            next = index + 1;
        }
        return runs;
    }

    /**
     * A kind of state.
     *
     * @param list as kernels take it, beside the values
     * @param each by the parameter's name
     */
    public record State(NDList list, Map<String, NDArray> each) {}

    /** Zeros in the shape of each parameter. */
    public State zeros(DataType type) {
        if (runs.isEmpty()) {
            return alone(parameter -> manager.zeros(parameter.value().getShape(), type));
        }
        return together(
                type,
                1,
                (whole, place, parameter) -> kernels.one(manager, "view_like", whole, place, parameter.value()));
    }

    /** An fp32 zero for each {@code block} values of a parameter, which divides the room of tensors in a buffer. */
    public State zerosByBlock(int block) {
        if (runs.isEmpty()) {
            return alone(parameter -> manager.zeros(new Shape(blocks(parameter, block)), DataType.FLOAT32));
        }
        return together(
                DataType.FLOAT32,
                block,
                (whole, place, parameter) ->
                        kernels.one(manager, "view_of", whole, place, new long[] {blocks(parameter, block)}));
    }

    private static long blocks(Parameter parameter, int block) {
        return (parameter.value().size() + block - 1) / block;
    }

    /** A copy of each parameter. */
    public State copies() {
        if (runs.isEmpty()) {
            return alone(parameter -> kernels.one(manager, "copy_of", parameter.value()));
        }
        State state = zeros(DataType.FLOAT32);
        kernels.run("copy_all", state.list, values);
        return state;
    }

    private interface Maker {
        NDArray of(Parameter parameter);
    }

    private State alone(Maker maker) {
        NDList list = new NDList();
        Map<String, NDArray> each = new LinkedHashMap<>();
        for (Parameter parameter : group.parameters()) {
            NDArray made = maker.of(parameter);
            list.add(made);
            put(each, parameter, made);
        }
        return new State(list, each);
    }

    private interface View {
        NDArray of(NDArray whole, long place, Parameter parameter);
    }

    /** @param by values of a parameter for each value of the state */
    private State together(DataType type, int by, View view) {
        NDList list = new NDList();
        Map<String, NDArray> each = new LinkedHashMap<>();
        for (int i = 0; i < runs.size(); i++) {
            NDArray whole = manager.zeros(new Shape(values.get(i).size() / by), type);
            list.add(whole);
            long place = 0;
            for (Parameter parameter : runs.get(i)) {
                put(each, parameter, view.of(whole, place / by, parameter));
                place += FlatBuffer.aligned(parameter.value().size());
            }
        }
        return new State(list, each);
    }

    private static void put(Map<String, NDArray> each, Parameter parameter, NDArray tensor) {
        if (each.put(parameter.name(), tensor) != null) {
            throw new IllegalArgumentException("two parameters are named " + parameter.name());
        }
    }
}
