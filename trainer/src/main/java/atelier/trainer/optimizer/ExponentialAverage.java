package atelier.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.tensor.Kernels;
import atelier.trainer.state.Checkpointed;
import atelier.trainer.state.StateReader;
import atelier.trainer.state.StateWriter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The exponential moving average of parameters: average += (1 - decay) (parameter - average) after each step. With
 * warm-up the decay of step n, counted from 1, is min(decay, (1 + n) / (10 + n)), so that early values do not linger.
 */
public final class ExponentialAverage implements Checkpointed, AutoCloseable {
    private final Kernels kernels;
    private final NDManager manager;
    private final double decay;
    private final boolean warmup;
    private final NDList values = new NDList();
    private final NDList averages = new NDList();
    private final Map<String, NDArray> tensors = new LinkedHashMap<>();

    /** Starts at the parameters' present values. */
    public ExponentialAverage(Kernels kernels, List<ParameterGroup> groups, double decay, boolean warmup) {
        this.kernels = kernels;
        this.manager = kernels.manager().newSubManager();
        this.decay = decay;
        this.warmup = warmup;
        for (ParameterGroup group : groups) {
            GroupTensors parameters = new GroupTensors(kernels, manager, group);
            GroupTensors.State copies = parameters.copies();
            values.addAll(parameters.values);
            averages.addAll(copies.list());
            copies.each().forEach((name, average) -> tensors.put("ema." + name, average));
        }
    }

    /** The decay of a step, counted from 1. */
    double decay(long step) {
        return warmup ? Math.min(decay, (1.0 + step) / (10.0 + step)) : decay;
    }

    /** Takes the parameters after a step, counted from 1, into the average. */
    public void update(long step) {
        kernels.run("move_towards", averages, values, 1 - decay(step));
    }

    /** The averages by name, "ema.PARAMETER"; live. */
    Map<String, NDArray> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public void save(StateWriter state) {
        tensors.forEach(state::tensor);
    }

    @Override
    public void load(StateReader state) {
        tensors.forEach(state::tensor);
    }

    /** Puts the averages in the parameters' place until the result is closed. */
    public Optimizer.Evaluation evaluation() {
        Optimizer.Evaluation kept = SetAside.keep(kernels, values);
        kernels.run("copy_all", values, averages);
        return kept;
    }

    @Override
    public void close() {
        manager.close();
    }
}
