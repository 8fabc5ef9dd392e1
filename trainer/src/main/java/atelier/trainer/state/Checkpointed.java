package atelier.trainer.state;

import java.util.Map;

/** Something whose numbers are part of a saved state, so that a resumed run goes on from them. */
public interface Checkpointed {
    /** The name that the numbers are saved under. */
    String name();

    /** All that a resume needs; finite. */
    Map<String, Double> numbers();

    /** Sets what {@link #numbers} gave; an empty map when the state was saved without them. */
    void restore(Map<String, Double> numbers);
}
