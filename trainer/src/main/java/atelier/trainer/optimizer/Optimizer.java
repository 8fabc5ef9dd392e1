package atelier.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;

/**
 * An update rule with its state. The state is made with the optimiser, so its memory is known before the first step,
 * and a resumed run fills it: {@link #tensors()} and {@link #numbers()} are all of it.
 */
public interface Optimizer extends AutoCloseable {
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

    /** The state's numbers by name, such as Prodigy's estimate d; empty where tensors and the step say all. */
    default Map<String, Double> numbers() {
        return Map.of();
    }

    /**
     * Sets what {@link #numbers()} gave.
     *
     * @throws WrongCommandException naming a number that is missing
     */
    default void restore(Map<String, Double> numbers) {}

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
