package atelier.trainer.optimizer.rule;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import atelier.trainer.optimizer.AdafactorSettings;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.Stacks;
import java.util.ArrayList;
import java.util.List;

/**
 * Adafactor (Shazeer and Stern 2018), as transformers computes it: a matrix keeps means of its squared gradients by row
 * and by column only. Parameters that share a buffer are updated in stacks of equal shapes.
 */
public final class Adafactor extends StatefulOptimizer {
    private static final double EPS = 1e-30;
    private static final double LEAST_SCALE = 1e-3;

    private final AdafactorSettings settings;
    private final double beta1;
    private final List<State> states = new ArrayList<>();

    /** @param beta1 the momentum's decay; 0 for none */
    public Adafactor(Kernels kernels, List<ParameterGroup> groups, double beta1, AdafactorSettings settings) {
        super(kernels, groups);
        this.settings = settings;
        this.beta1 = beta1;
        NDArray unused = manager.zeros(new Shape(1), DataType.FLOAT32);
        for (ParameterGroup group : groups()) {
            if (group.flat() == null) {
                states.add(alone(group, unused));
            } else {
                Stacks.of(group.parameters())
                        .forEach((shape, parameters) -> states.add(stacked(group, shape, parameters, unused)));
            }
        }
    }

    /** What one call of a kernel takes. */
    private record State(String kernel, ParameterGroup group, NDList values, NDList gradients, Averages averages) {}

    /** Of the gradient, if momentum is asked for, and of its square by rows and columns. */
    private record Averages(NDList gradient, NDList rows, NDList columns) {}

    private State alone(ParameterGroup group, NDArray unused) {
        NDList rows = new NDList();
        NDList columns = new NDList();
        for (Parameter parameter : group.parameters()) {
            Shape shape = parameter.value().getShape();
            rows.add(zeros(rowKind(shape), parameter, rows(shape)));
            columns.add(shape.dimension() >= 2 ? zeros("exp_avg_sq_col", parameter, columns(shape)) : unused);
        }
        NDList average = beta1 > 0 ? zeros("exp_avg", tensors(group)) : new NDList();
        return new State(
                "adafactor_step", group, group.values(), group.gradients(), new Averages(average, rows, columns));
    }

    private State stacked(ParameterGroup group, Shape shape, List<Parameter> parameters, NDArray unused) {
        NDList values = new NDList();
        NDList gradients = new NDList();
        for (Parameter parameter : parameters) {
            values.add(parameter.value());
            gradients.add(parameter.gradient());
        }
        NDList average = beta1 > 0 ? new NDList(stack("exp_avg", parameters, shape)) : new NDList();
        NDArray rows = stack(rowKind(shape), parameters, rows(shape));
        NDArray columns = shape.dimension() >= 2 ? stack("exp_avg_sq_col", parameters, columns(shape)) : unused;
        return new State(
                "adafactor_stack",
                group,
                values,
                gradients,
                new Averages(average, new NDList(rows), new NDList(columns)));
    }

    private static String rowKind(Shape shape) {
        return shape.dimension() >= 2 ? "exp_avg_sq_row" : "exp_avg_sq";
    }

    private static Shape rows(Shape shape) {
        return shape.dimension() >= 2 ? shape.slice(0, shape.dimension() - 1) : shape;
    }

    private static Shape columns(Shape shape) {
        return shape.slice(0, shape.dimension() - 2).add(shape.get(shape.dimension() - 1));
    }

    private NDArray zeros(String kind, Parameter parameter, Shape shape) {
        return saved(kind, parameter.name(), manager.zeros(shape, DataType.FLOAT32));
    }

    /** Zeros of a shape for each, saved one by one. */
    private NDArray stack(String kind, List<Parameter> parameters, Shape shape) {
        NDArray whole = manager.zeros(new Shape(parameters.size() * shape.size()), DataType.FLOAT32);
        for (int i = 0; i < parameters.size(); i++) {
            NDArray view = kernels.one(manager, "view_of", whole, i * shape.size(), shape.getShape());
            saved(kind, parameters.get(i).name(), view);
        }
        return kernels.one(
                manager,
                "view_of",
                whole,
                0,
                new Shape(parameters.size()).addAll(shape).getShape());
    }

    /**
     * The rate, from the step alone where it is relative: min(least, 1 / sqrt(step)), with least = 1e-6 step while it
     * warms up and 1e-2 otherwise.
     */
    double rate(double scheduled, long step) {
        if (!settings.relativeStep()) {
            return scheduled;
        }
        return Math.min(settings.warmupInit() ? 1e-6 * step : 1e-2, 1 / Math.sqrt((double) step));
    }

    @Override
    public void step(double rate, long step) {
        for (State state : states) {
            kernels.run(
                    state.kernel,
                    state.values,
                    state.gradients,
                    state.averages.gradient,
                    state.averages.rows,
                    state.averages.columns,
                    (double) step,
                    rate(rate, step) * state.group.rateFactor(),
                    beta1,
                    state.group.weightDecay(),
                    settings.decayRate(),
                    EPS,
                    LEAST_SCALE,
                    settings.clipThreshold(),
                    settings.scaleParameter());
        }
    }
}
