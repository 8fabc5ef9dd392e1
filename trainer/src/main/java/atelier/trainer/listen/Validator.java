package atelier.trainer.listen;

import atelier.trainer.loop.ParameterUpdate;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.settings.TrainSettings;
import atelier.trainer.settings.ValidationSettings;
import atelier.trainer.state.Checkpointed;
import atelier.trainer.state.Retention;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Validates between steps, remembers the best loss, keeps the best adapter, and says when there is nothing to gain. */
public final class Validator implements AutoCloseable {
    private final ValidationSettings settings;
    private final @Nullable Validation validation;
    private final ParameterUpdate update;
    private final Keeper keeper;
    private final BestLoss best = new BestLoss();

    /** Writes the adapter as it stands. */
    @FunctionalInterface
    public interface Keeper {
        void keep(long step) throws IOException;
    }

    /**
     * @param validation null where nothing is held out
     * @param keeper called for each new best, averages in place
     */
    public Validator(
            ValidationSettings settings, @Nullable Validation validation, ParameterUpdate update, Keeper keeper) {
        this.settings = settings;
        this.validation = validation;
        this.update = update;
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
        try (Optimizer.Evaluation evaluation = update.evaluation()) {
            double loss = validation.loss();
            if (best.take(step, loss) && settings.keepBest()) {
                keeper.keep(step);
            }
            return OptionalDouble.of(loss);
        }
    }

    /** The step whose adapter is kept for being the best; empty where none is. */
    public OptionalLong best() {
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
    public boolean isOver() {
        return settings.patience() > 0 && best.since() >= settings.patience();
    }

    /** Why the run ended before its last step. */
    public String reason() {
        return best.since() + " validations without a lower loss than that of step "
                + best.step().orElse(0) + ": stopped, as validation.patience = " + settings.patience() + " asks";
    }

    public List<Checkpointed> checkpointed() {
        return validation == null ? List.of() : List.of(best);
    }

    @Override
    public void close() {
        if (validation != null) {
            validation.close();
        }
    }
}
