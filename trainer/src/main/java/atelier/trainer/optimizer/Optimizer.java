package atelier.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import atelier.trainer.state.Checkpointed;
import atelier.trainer.state.StateReader;
import atelier.trainer.state.StateWriter;
import java.util.List;
import java.util.Map;

/**
 * An update rule with its state. The state is made with the optimiser, so its memory is known before the first step,
 * and a resumed run fills it.
 */
public interface Optimizer extends Checkpointed, AutoCloseable {
    /** What it updates. */
    List<ParameterGroup> groups();

    /**
     * Updates all parameters from their gradients, which stay as they are.
     *
     * @param rate the learning rate of this step; each group's factor multiplies it
     * @param step counts from 1
     */
    void step(double rate, long step);

    /** The state's tensors by name ("exp_avg.PARAMETER"); live: filling them restores the state. */
    Map<String, NDArray> tensors();

    /** Saves the tensors under "optimizer.NAME"; rules that have numbers too, such as Prodigy's estimate d, add them. */
    @Override
    default void save(StateWriter state) {
        tensors().forEach((name, tensor) -> state.tensor("optimizer." + name, tensor));
    }

    @Override
    default void load(StateReader state) {
        tensors().forEach((name, tensor) -> state.tensor("optimizer." + name, tensor));
    }

    /**
     * Brings the parameters to what the rule says to sample with, evaluate and export, until the result is closed: the
     * average for Schedule-Free rules, themselves for others. Closing brings back the very bits that training goes on
     * from. Whatever derives from the parameters must be refreshed after both.
     */
    default Evaluation evaluation() {
        return () -> {};
    }

    @Override
    void close();

    /** Parameters as they are to be used; closing ends it. */
    @FunctionalInterface
    interface Evaluation extends AutoCloseable {
        @Override
        void close();
    }
}
