package atelier.trainer.listen;

import atelier.trainer.state.Checkpointed;
import atelier.trainer.state.StateReader;
import atelier.trainer.state.StateWriter;
import java.util.OptionalLong;

/** The least validation loss so far, and for how long there has been no better one. */
public final class BestLoss implements Checkpointed {
    private double loss = Double.POSITIVE_INFINITY;
    private long step;
    private int since;

    /**
     * Takes a validation's loss; one that is no number is never the best.
     *
     * @return whether it is less than all before
     */
    boolean take(long now, double value) {
        if (value < loss) {
            loss = value;
            step = now;
            since = 0;
            return true;
        }
        since++;
        return false;
    }

    /** Validations since the best. */
    int since() {
        return since;
    }

    /** The step of the best; empty before the first. */
    public OptionalLong step() {
        return step == 0 ? OptionalLong.empty() : OptionalLong.of(step);
    }

    @Override
    public void save(StateWriter state) {
        // Nothing is the best yet: infinity is no number of JSON.
        if (step > 0) {
            state.number("validation.loss", loss);
        }
        state.number("validation.step", (double) step);
        state.number("validation.since", since);
    }

    @Override
    public void load(StateReader state) {
        loss = state.number("validation.loss", Double.POSITIVE_INFINITY);
        step = (long) state.number("validation.step", 0);
        since = (int) state.number("validation.since", 0);
    }
}
