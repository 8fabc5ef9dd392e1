package atelier.trainer.listen;

import atelier.trainer.loop.StepListener;
import java.util.Optional;

/** Ends a run that has nothing to gain: after so many validations in a row without a new best. */
public final class PatienceListener implements StepListener {
    private final int patience;
    private final BestLoss best;

    /** @param patience validations without a new best after which the run ends; 0 for never */
    public PatienceListener(int patience, BestLoss best) {
        this.patience = patience;
        this.best = best;
    }

    @Override
    public boolean isOver() {
        return patience > 0 && best.since() >= patience;
    }

    /** Why the run ended before its last step; empty where it did not. */
    public Optional<String> reason() {
        if (!isOver()) {
            return Optional.empty();
        }
        return Optional.of(best.since() + " validations without a lower loss than that of step "
                + best.step().orElse(0) + ": stopped, as validation.patience = " + patience + " asks");
    }
}
