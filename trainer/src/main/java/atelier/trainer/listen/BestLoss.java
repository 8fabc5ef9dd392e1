package atelier.trainer.listen;

import atelier.trainer.state.Checkpointed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** The least validation loss so far, and for how long there has been no better one. */
final class BestLoss implements Checkpointed {
    private static final String LOSS = "loss";
    private static final String STEP = "step";
    private static final String SINCE = "since";

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
    OptionalLong step() {
        return step == 0 ? OptionalLong.empty() : OptionalLong.of(step);
    }

    @Override
    public String name() {
        return "validation";
    }

    @Override
    public Map<String, Double> numbers() {
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (step > 0) {
            numbers.put(LOSS, loss);
        }
        numbers.put(STEP, (double) step);
        numbers.put(SINCE, (double) since);
        return numbers;
    }

    @Override
    public void restore(Map<String, Double> numbers) {
        loss = numbers.getOrDefault(LOSS, Double.POSITIVE_INFINITY);
        step = numbers.getOrDefault(STEP, 0.0).longValue();
        since = numbers.getOrDefault(SINCE, 0.0).intValue();
    }
}
