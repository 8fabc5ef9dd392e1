package atelier.trainer.listen;

import atelier.common.work.DiskSpace;
import atelier.trainer.folder.LedgerWriter;
import atelier.trainer.loop.StepListener;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.state.Retention;
import atelier.trainer.state.RunStates;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Saves states: every so many steps, the best, the last, and when the run is interrupted. */
public final class SavingListener implements StepListener {
    private final Settings settings;
    private final RunStates states;
    private final Supplier<OptionalLong> best;
    private final LedgerWriter ledgers;
    private final TrainableWeights weights;
    private final MetricSink metrics;
    private final DiskSpace disk;

    /**
     * When states are saved and which stay.
     *
     * @param every optimiser steps between two saved states; 0 for the last only
     * @param keepStates saved states that are kept, latest first
     * @param keepEvery saved states of steps that are multiples of it are kept too; 0 for none
     */
    public record Settings(int every, int keepStates, int keepEvery) {}

    /**
     * @param best the step whose state is kept for being the best; empty where none is
     * @param ledgers complete before the first state is saved: a state can be gone on from and exported
     * @param weights the spread of their norms is shown with each state
     * @param disk waits where there is no room for a state
     */
    public SavingListener(
            Settings settings,
            RunStates states,
            Supplier<OptionalLong> best,
            LedgerWriter ledgers,
            TrainableWeights weights,
            MetricSink metrics,
            DiskSpace disk) {
        this.disk = disk;
        this.settings = settings;
        this.states = states;
        this.best = best;
        this.ledgers = ledgers;
        this.weights = weights;
        this.metrics = metrics;
    }

    @Override
    public void after(FinishedStep step) throws IOException {
        long number = step.number();
        boolean due = settings.every() > 0 && number % settings.every() == 0;
        if (due || step.last() || best.get().orElse(0) == number) {
            save(number);
            metrics.histogram(number, "adapter_norms", weights.norms());
        }
    }

    @Override
    public void interrupted(long step) throws IOException {
        if (states.lastSaved() != step) {
            save(step);
        }
    }

    private void save(long step) throws IOException {
        ledgers.await();
        disk.write(() -> states.save(step, new Retention(settings.keepStates(), settings.keepEvery(), best.get())));
    }

    @Override
    public Optional<String> kept() {
        return Optional.of(states.kept());
    }
}
