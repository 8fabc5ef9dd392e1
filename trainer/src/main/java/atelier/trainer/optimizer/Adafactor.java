package atelier.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import java.util.List;

/**
 * Adafactor (Shazeer and Stern 2018), as transformers computes it: a matrix keeps means of its squared gradients by row
 * and by column only.
 */
public final class Adafactor extends StatefulOptimizer {
    private static final double EPS = 1e-30;
    private static final double LEAST_SCALE = 1e-3;

    private final AdafactorSettings settings;
    private final double beta1;
    private final List<State> states;

    /** @param beta1 the momentum's decay; 0 for none */
    public Adafactor(Kernels kernels, List<ParameterGroup> groups, double beta1, AdafactorSettings settings) {
        super(kernels, groups);
        this.settings = settings;
        this.beta1 = beta1;
        NDArray unused = manager.zeros(new Shape(1), DataType.FLOAT32);
        this.states = each(group -> {
            NDList rows = new NDList();
            NDList columns = new NDList();
            for (Parameter parameter : group.parameters()) {
                Shape shape = parameter.value().getShape();
                if (shape.dimension() >= 2) {
                    Shape front = shape.slice(0, shape.dimension() - 2);
                    rows.add(zeros("exp_avg_sq_row", parameter, front.add(shape.get(shape.dimension() - 2))));
                    columns.add(zeros("exp_avg_sq_col", parameter, front.add(shape.get(shape.dimension() - 1))));
                } else {
                    rows.add(zeros("exp_avg_sq", parameter, shape));
                    columns.add(unused);
                }
            }
            NDList average = beta1 > 0 ? zeros("exp_avg", group) : new NDList();
            return new State(new Tensors(group), average, rows, columns);
        });
    }

    private NDArray zeros(String kind, Parameter parameter, Shape shape) {
        return saved(kind, parameter, manager.zeros(shape, DataType.FLOAT32));
    }

    private record State(Tensors tensors, NDList average, NDList rows, NDList columns) {}

    /**
     * The rate, from the step alone where it is relative: min(least, 1 / sqrt(step)), with least = 1e-6 step while it
     * warms up and 1e-2 otherwise.
     */
    double rate(double scheduled, long step) {
        if (!settings.relativeStep()) {
            return scheduled;
        }
        return Math.min(settings.warmupInit() ? 1e-6 * step : 1e-2, 1 / Math.sqrt(step));
    }

    @Override
    public void step(double rate, long step) {
        for (State state : states) {
            ParameterGroup group = state.tensors.group;
            kernels.run(
                    "adafactor_step",
                    state.tensors.values,
                    state.tensors.gradients,
                    state.average,
                    state.rows,
                    state.columns,
                    (double) step,
                    rate(rate, step) * group.rateFactor(),
                    beta1,
                    group.weightDecay(),
                    settings.decayRate(),
                    EPS,
                    LEAST_SCALE,
                    settings.clipThreshold(),
                    settings.scaleParameter());
        }
    }
}
