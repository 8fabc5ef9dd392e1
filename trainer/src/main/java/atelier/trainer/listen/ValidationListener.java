package atelier.trainer.listen;

import atelier.trainer.loop.ParameterUpdate;
import atelier.trainer.loop.StepListener;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.optimizer.Optimizer;
import java.io.IOException;
import java.util.Map;

/** Measures the loss of held-out pictures where it is due, and has the adapter written when that is the least so far. */
public final class ValidationListener implements StepListener {
    private final ValidationSettings settings;
    private final Validation validation;
    private final ParameterUpdate update;
    private final BestLoss best;
    private final Keeper keeper;

    /** Writes the adapter as it stands. */
    @FunctionalInterface
    public interface Keeper {
        void keep(long step) throws IOException;
    }

    /**
     * @param best told of each loss
     * @param keeper called for each new best, averages in place, if the settings ask for it
     */
    public ValidationListener(
            ValidationSettings settings, Validation validation, ParameterUpdate update, BestLoss best, Keeper keeper) {
        this.settings = settings;
        this.validation = validation;
        this.update = update;
        this.best = best;
        this.keeper = keeper;
    }

    @Override
    public Map<String, Double> measure(long step, boolean last) throws IOException, InterruptedException {
        if (!last && step % settings.every() != 0) {
            return Map.of();
        }
        try (Optimizer.Evaluation evaluation = update.evaluation()) {
            double loss = validation.loss();
            if (best.take(step, loss) && settings.keepBest()) {
                keeper.keep(step);
            }
            return Map.of(MetricRow.VALIDATION, loss);
        }
    }
}
