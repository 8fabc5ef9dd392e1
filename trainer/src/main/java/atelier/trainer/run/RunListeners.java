package atelier.trainer.run;

import atelier.common.work.DiskSpace;
import atelier.datasets.pairs.FindingException;
import atelier.diffusion.tensor.Precision;
import atelier.trainer.listen.BestLoss;
import atelier.trainer.listen.MetricsListener;
import atelier.trainer.listen.PatienceListener;
import atelier.trainer.listen.ProgressFile;
import atelier.trainer.listen.SampleDrawer;
import atelier.trainer.listen.SampleListener;
import atelier.trainer.listen.SamplePlan;
import atelier.trainer.listen.SavingListener;
import atelier.trainer.listen.TimeLeft;
import atelier.trainer.listen.Validation;
import atelier.trainer.listen.ValidationListener;
import atelier.trainer.listen.ValidationListener.Keeper;
import atelier.trainer.loop.StepListener;
import atelier.trainer.loop.StepListeners;
import atelier.trainer.loop.TrainSettings;
import atelier.trainer.loop.TrainStep;
import atelier.trainer.loop.TrainedModel;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.state.RunStates;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What happens between the steps of a run, in order: figures, validation, saving, samples, limits. Each is made of its own
 * settings; one more is one more line of {@link #all}.
 */
final class RunListeners {
    private final TrainingSettings settings;
    private final RunContext run;
    private final TrainedModel trained;
    private final MetricSink metrics;
    private final BestLoss best;
    private final RunStates states;

    /**
     * @param metrics takes figures, grids of samples and the spread of weights
     * @param best what validations found so far; part of the states
     */
    RunListeners(
            TrainingSettings settings,
            RunContext run,
            TrainedModel trained,
            MetricSink metrics,
            BestLoss best,
            RunStates states) {
        this.settings = settings;
        this.run = run;
        this.trained = trained;
        this.metrics = metrics;
        this.best = best;
        this.states = states;
    }

    /** Names of all figures that a step's row may hold. */
    static List<String> figures(TrainingSettings settings, RunContext run, TrainedModel trained) {
        return MetricsListener.figures(
                settings.validation().enabled(),
                trained.update().rateNames().keySet(),
                run.memory().isKnown(),
                settings.model().dtype() == Precision.FP16);
    }

    /**
     * The loss of the held-out pictures, made before sinks are opened; null where nothing is held out.
     *
     * @param says told of pictures that cannot be used
     */
    static @Nullable Validation validation(
            TrainingSettings settings, TrainedModel trained, PreparedSet set, Consumer<String> says)
            throws FindingException {
        if (set.pairs().heldOut().isEmpty()) {
            return null;
        }
        RunParts parts = new RunParts(settings);
        return new Validation(
                settings.validation(),
                parts.heldOutSource(set.pairs(), set::missing, finding -> says.accept(finding.message())),
                new TrainStep(trained.model().kernels(), trained.model().unet()),
                parts.forward(trained.model()),
                set.latents(),
                set.inpainting(),
                set.text());
    }

    /**
     * All of them.
     *
     * @param validation null where nothing is held out
     * @param keeper writes the best adapter as it stands
     * @param beside writes the adapter of each saved state
     * @param time says how long it takes
     * @param says told when the disk is full
     */
    StepListener all(
            @Nullable Validation validation,
            Keeper keeper,
            SavingListener.Keeper beside,
            TimeLeft time,
            SampleListener samples,
            PatienceListener patience,
            Consumer<String> says) {
        List<StepListener> all = new ArrayList<>();
        all.add(new MetricsListener(metrics, run.memory()));
        if (validation != null) {
            all.add(new ValidationListener(settings.validation(), validation, trained.update(), best, keeper));
        }
        all.add(saving(beside, says));
        all.add(time);
        all.add(new ProgressFile(run.folder().progress(), settings.train().steps(), Clock.systemUTC()));
        all.add(samples);
        all.add(patience);
        return new StepListeners(all);
    }

    private SavingListener saving(SavingListener.Keeper beside, Consumer<String> says) {
        TrainSettings train = settings.train();
        Supplier<OptionalLong> kept = this::best;
        return new SavingListener(
                new SavingListener.Settings(train.saveEvery(), train.keepStates(), train.keepEvery()),
                states,
                kept,
                beside,
                run.ledgers(),
                trained.weights(),
                metrics,
                new DiskSpace(run.folder().path(), says));
    }

    /** @param base the base's scheduler configuration */
    SampleListener samples(SampleDrawer drawer, SamplePlan plan, ObjectNode base) {
        double strength = settings.adapter().takesStrength() ? settings.sample().strength() : 1;
        ObjectNode before = settings.train().fullFinetune() ? null : base;
        return new SampleListener(
                new SampleListener.Settings(settings.sample(), plan, strength, before),
                drawer,
                trained,
                run.folder().samples(),
                metrics);
    }

    PatienceListener patience() {
        return new PatienceListener(settings.validation().patience(), best);
    }

    /** The step whose adapter is kept for being the best; empty where none is. */
    OptionalLong best() {
        return settings.validation().keepBest() ? best.step() : OptionalLong.empty();
    }
}
