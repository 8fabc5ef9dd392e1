package atelier.trainer.run;

import static atelier.common.error.Checks.check;

import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.EpochOrder;
import atelier.datasets.pairs.FindingException;
import atelier.diffusion.cuda.EngineFault;
import atelier.diffusion.model.StableDiffusion;
import atelier.trainer.folder.RunFingerprint;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.listen.BestLoss;
import atelier.trainer.loop.Accumulation;
import atelier.trainer.loop.DeviceReplica;
import atelier.trainer.loop.GradientPasses;
import atelier.trainer.loop.LossScale;
import atelier.trainer.loop.ObjectiveLoss;
import atelier.trainer.loop.ParameterUpdate;
import atelier.trainer.loop.SentPasses;
import atelier.trainer.loop.StepLimits;
import atelier.trainer.loop.StepListener;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.loop.TrainedModel;
import atelier.trainer.loop.Trainer;
import atelier.trainer.objective.Objective;
import atelier.trainer.prepare.StepPlans;
import atelier.trainer.state.Checkpointed;
import atelier.trainer.state.RunStates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What steps change and what they follow: the trainable weights, their update, the order of pictures. Noise, timesteps and
 * order are functions of the seed and the step, so that a state is whole with the first two and the trainer's own numbers.
 */
final class TrainingState implements AutoCloseable {
    private final TrainingSettings settings;
    private final TrainedModel trained;
    private final Accumulation passes;
    private final BatchSource source;
    private final Trainer trainer;

    private TrainingState(
            TrainingSettings settings, TrainedModel trained, Accumulation passes, BatchSource source, Trainer trainer) {
        this.settings = settings;
        this.trained = trained;
        this.passes = passes;
        this.source = source;
        this.trainer = trainer;
    }

    /**
     * Attaches what is trained to the model, as it is before the first step.
     *
     * @param elsewhere computes the passes of steps; null for this process
     * @param says told of pictures that cannot be used, once their turn comes
     */
    static TrainingState start(
            TrainingSettings settings,
            StableDiffusion model,
            PreparedSet set,
            SentPasses.@Nullable Elsewhere elsewhere,
            Consumer<String> says)
            throws IOException, FindingException {
        RunParts parts = new RunParts(settings);
        TrainableWeights weights = parts.trainable().attach(model);
        try {
            ParameterUpdate update = parts.update(model, weights);
            Accumulation passes = passes(settings, new TrainedModel(model, weights, update), set, elsewhere);
            BatchSource source =
                    parts.trainingSource(set.pairs(), set::missing, finding -> says.accept(finding.message()));
            LossScale scale = parts.lossScale();
            StepLimits limits =
                    new StepLimits(settings.train().steps(), settings.train().maxGradNorm());
            Trainer trainer = new Trainer(limits, source, passes, weights, update, scale);
            return new TrainingState(settings, new TrainedModel(model, weights, update), passes, source, trainer);
        } catch (IOException | RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /** What a pass that is computed elsewhere is not sent with. */
    private static void requireSendable(TrainingSettings settings, PreparedSet set) {
        check(
                settings.embedding().tokens().isEmpty(),
                "embedding.tokens must be empty where passes are computed in other processes, got %s",
                settings.embedding().tokens());
        check(
                set.inpainting() == null,
                "model.path names an inpainting model, whose passes are not computed in other processes yet; train it"
                        + " with train");
    }

    private static Accumulation passes(
            TrainingSettings settings, TrainedModel trained, PreparedSet set, SentPasses.@Nullable Elsewhere elsewhere)
            throws IOException {
        RunParts parts = new RunParts(settings);
        StableDiffusion model = trained.model();
        Objective objective = new Objective(settings.objective(), model.schedule());
        StepPlans plans = new StepPlans(
                settings.train().seed(), set.latents(), set.masks(), set.inpainting(), objective, parts.forward(model));
        int batchSize = settings.train().batchSize();
        if (elsewhere != null) {
            requireSendable(settings, set);
            return new SentPasses(trained.weights(), trained.update(), batchSize, plans, set.text(), elsewhere);
        }
        List<DeviceReplica> replicas =
                new ArrayList<>(List.of(DeviceReplica.own(model, trained.weights(), set.text())));
        for (String device : settings.train().devices()) {
            DeviceReplica replica = DeviceReplica.on(
                    device,
                    settings.train().exact(),
                    model.checkpoint(),
                    parts.loadOptions(),
                    parts.trainable(),
                    set.text());
            replicas.add(replica);
            parts.checkpoint(replica.model());
        }
        return new GradientPasses(replicas, trained.update(), batchSize, plans, new ObjectiveLoss(objective));
    }

    TrainedModel trained() {
        return trained;
    }

    /** Makes the steps after one; a fault of disk or memory is told together with what can be gone on from. */
    long steps(long done, StepListener listeners, Consumer<String> says)
            throws IOException, FindingException, InterruptedException {
        try {
            return trainer.run(done, listeners);
        } catch (IOException | UncheckedIOException | OutOfMemoryError e) {
            listeners.kept().ifPresent(kept -> says.accept("the run broke off: " + kept));
            throw e;
        } catch (RuntimeException e) {
            if (EngineFault.isOutOfMemory(e)) {
                listeners.kept().ifPresent(kept -> says.accept("the run broke off: " + kept));
            }
            throw e;
        }
    }

    EpochOrder order() {
        return source.order();
    }

    /** The states of this run. */
    RunStates states(RunFolder folder, RunFingerprint facts, BestLoss best) {
        List<Checkpointed> all = new ArrayList<>(List.of(trained.weights(), trained.update()));
        all.addAll(trainer.checkpointed());
        if (settings.validation().enabled()) {
            all.add(best);
        }
        return new RunStates(folder, facts, trained.model().kernels(), all);
    }

    /** Goes on from a saved state; {@code step} is 0 for a run that begins. */
    void resume(RunStates states, long step, Consumer<String> says) throws IOException {
        if (step > 0) {
            states.resume(step);
            says.accept(
                    "going on after step " + step + " of " + settings.train().steps());
        }
    }

    @Override
    public void close() {
        try (TrainableWeights weights = trained.weights();
                ParameterUpdate update = trained.update();
                Accumulation running = passes) {
            source.close();
        }
    }
}
