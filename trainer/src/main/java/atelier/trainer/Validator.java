package atelier.trainer;

import atelier.trainer.optimizer.Optimizer;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Validates between steps, remembers the best loss, keeps the best adapter, and says when there is nothing to gain. */
final class Validator implements AutoCloseable {
    private final ValidationSettings settings;
    private final @Nullable Validation validation;
    private final Learner learner;
    private final Keeper keeper;
    private final BestLoss best = new BestLoss();

    /** Writes the adapter as it stands. */
    @FunctionalInterface
    interface Keeper {
        void keep(long step) throws IOException;
    }

    /**
     * @param validation null where nothing is held out
     * @param keeper called for each new best, averages in place
     */
    Validator(ValidationSettings settings, @Nullable Validation validation, Learner learner, Keeper keeper) {
        this.settings = settings;
        this.validation = validation;
        this.learner = learner;
        this.keeper = keeper;
    }

    /**
     * Validates where a step asks for it.
     *
     * @param last whether it is the run's last step
     * @return the loss; empty where none was asked for
     */
    OptionalDouble after(long step, boolean last) throws IOException, InterruptedException {
        if (validation == null || !(last || step % settings.every() == 0)) {
            return OptionalDouble.empty();
        }
        try (Optimizer.Evaluation evaluation = learner.evaluation()) {
            double loss = validation.loss();
            if (best.take(step, loss) && settings.keepBest()) {
                keeper.keep(step);
            }
            return OptionalDouble.of(loss);
        }
    }

    /** The step whose adapter is kept for being the best; empty where none is. */
    OptionalLong best() {
        return settings.keepBest() ? best.step() : OptionalLong.empty();
    }

    /** Whether this step's state is to be saved for being the best. */
    boolean isBest(long step) {
        return best().orElse(0) == step;
    }

    /** Which states stay. */
    Retention retention(TrainSettings train) {
        return new Retention(train.keepStates(), train.keepEvery(), best());
    }

    /** Whether there have been too many validations in a row without a new best. */
    boolean isOver() {
        return settings.patience() > 0 && best.since() >= settings.patience();
    }

    /** Why the run ended before its last step. */
    String reason() {
        return best.since() + " validations without a lower loss than that of step "
                + best.step().orElse(0) + ": stopped, as validation.patience = " + settings.patience() + " asks";
    }

    List<Remembered> remembered() {
        return validation == null ? List.of() : List.of(best);
    }

    @Override
    public void close() {
        if (validation != null) {
            validation.close();
        }
    }
}
