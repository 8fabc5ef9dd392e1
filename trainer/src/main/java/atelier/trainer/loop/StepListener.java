package atelier.trainer.loop;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happens between steps. After each step all listeners measure, in their order; then all of them act, in
 * their order. A listener knows nothing of the others.
 */
public interface StepListener {
    /**
     * Figures that this step's row gets besides those of the loop.
     *
     * @param last whether it is the last step that the run may make
     */
    default Map<String, Double> measure(long step, boolean last) throws IOException, InterruptedException {
        return Map.of();
    }

    /** Acts on a step, once all have measured. */
    default void after(FinishedStep step) throws IOException {}

    /** Acts on a step that was not to be the last, before the run ends because it was asked to. */
    default void interrupted(long step) throws IOException {}

    /** Whether no further step is to be made. */
    default boolean isOver() {
        return false;
    }

    /** What can be gone on from after a fault, in words; empty for a listener that saves nothing. */
    default Optional<String> kept() {
        return Optional.empty();
    }

    /**
     * A step that has been made and measured.
     *
     * @param number from 1
     * @param figures of its row, in the order in which they are shown
     * @param last whether no step comes after it, unless the run was only asked to stop
     */
    record FinishedStep(long number, Map<String, Double> figures, boolean last) {}
}
