package atelier.trainer.run;

import atelier.common.work.StoppedException;
import atelier.datasets.pairs.FindingException;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.NativeMemory;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.listen.BestLoss;
import atelier.trainer.listen.PatienceListener;
import atelier.trainer.listen.SampleListener;
import atelier.trainer.listen.SamplePlan;
import atelier.trainer.listen.TimeLeft;
import atelier.trainer.listen.Validation;
import atelier.trainer.loop.StepListener;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.output.RunMetadata;
import atelier.trainer.output.RunOutput;
import atelier.trainer.output.SchedulerConfigUpdate;
import atelier.trainer.prepare.InitialAdapter;
import atelier.trainer.prepare.JudgedPairs;
import atelier.trainer.prepare.RunInputs;
import atelier.trainer.state.RunStates;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Consumer;

/** A run from pairs to adapter: consent, caches, training, samples, export. */
public final class TrainingRun {
    private final TrainingSettings settings;
    private final OpenedRun opened;
    private final RunFolder folder;
    private final LentParts lent;
    private final Consumer<String> says;

    /**
     * @param opened as {@link #open} gave it
     * @param folder the run's own, made already
     * @param lent what the trainer has no means for
     * @param says told in a line what happens
     */
    public TrainingRun(
            TrainingSettings settings, OpenedRun opened, RunFolder folder, LentParts lent, Consumer<String> says) {
        this.settings = settings;
        this.opened = opened;
        this.folder = folder;
        this.lent = lent;
        this.says = says;
    }

    /**
     * Opens what a run reads, before anything is renamed or made: a command that is wrong touches nothing.
     *
     * @throws atelier.common.error.WrongCommandException naming a key that asks for what is not there
     */
    public static OpenedRun open(TrainingSettings settings) throws IOException {
        RunInputs.requireDevices(
                settings.device(),
                settings.model().dtype(),
                settings.train().cacheDtype(),
                settings.train().devices());
        RunInputs inputs = RunInputs.read(
                settings.model(),
                new InitialAdapter(settings.adapter().initFrom()),
                settings.data(),
                settings.validation().heldOut());
        RunCost cost = RunCost.of(settings, inputs.base());
        cost.requireRoom(settings.run().dir());
        return new OpenedRun(inputs, cost);
    }

    /**
     * Runs to the end.
     *
     * @throws atelier.common.error.RefusedException when consent, licence or the gate forbids it
     * @throws atelier.trainer.folder.InterruptedRunException when stopped by a signal, after saving
     * @throws atelier.trainer.folder.NotFiniteException when training broke down; what was saved stays
     */
    public void run() throws IOException, FindingException, InterruptedException {
        RunOutput output = new RunOutput(settings.export(), settings.run().name(), folder, lent.gate());
        output.prepare();
        try (RunContext run = new RunContext(settings, folder, says);
                StopTime stop = StopTime.at(settings.train().stopTime(), Clock.system(ZoneId.systemDefault()), says)) {
            // Consent first: nothing is decoded for training before.
            JudgedPairs pairs = run.judge(opened.inputs());
            opened.cost().tell(settings, pairs, folder.path(), says);
            StableDiffusion model = run.load(opened.inputs().base());
            try {
                train(run, pairs, model, output);
            } catch (StoppedException e) {
                throw run.stopped(e);
            } catch (RuntimeException e) {
                throw run.memory().explained(e);
            }
        }
        // The gate opens models of its own: this one has gone.
        output.open();
    }

    private void train(RunContext run, JudgedPairs pairs, StableDiffusion model, RunOutput output)
            throws IOException, FindingException, InterruptedException {
        RunParts parts = new RunParts(settings);
        long done = run.done();
        PreparedSet set = new Preparation(settings, model, pairs, run.cache(), says).prepare(done);
        // After the encoders have gone: the UNet takes their memory.
        parts.checkpoint(model);
        run.requireSame(set.facts(), done);
        List<String> prompts = RunSamples.prompts(settings, pairs, says);
        SamplePlan plan = parts.samples(model, prompts);
        ObjectNode base = model.checkpoint().schedulerConfig();
        model.scheduler(SchedulerConfigUpdate.of(model.checkpoint().schedulerConfig(), settings.objective()));
        try (TrainingState state = TrainingState.start(settings, model, set, lent.elsewhere(), says);
                Validation validation = RunListeners.validation(settings, state.trained(), set, says);
                MetricSink metrics = lent.metrics()
                        .open(folder, done, RunListeners.figures(settings, run, state.trained()), prompts)) {
            run.memory().expect(state.trained().weights().parameters(), says);
            BestLoss best = new BestLoss();
            RunStates states = state.states(folder, set.facts(), best);
            RunListeners between = new RunListeners(settings, run, state.trained(), metrics, best, states);
            RunMetadata metadata = RunDescription.of(settings, pairs, state.order(), folder);
            SampleListener samples = between.samples(lent.drawer(), plan, base);
            TimeLeft time = new TimeLeft(plan, Clock.system(ZoneId.systemDefault()), says);
            PatienceListener patience = between.patience();
            StepListener listeners = between.all(
                    validation,
                    step -> keep(run, output, state, metadata, step),
                    (step, place) -> output.keepStep(state.trained(), metadata, step, place),
                    time,
                    samples,
                    patience,
                    says);
            state.resume(states, done, says);
            RunSamples.tell(plan, settings.train().fullFinetune(), says);
            NativeMemory.trim();
            model.makeRoom();
            long last = state.steps(done, listeners, says);
            patience.reason().ifPresent(says);
            List<BufferedImage> after = samples.finish(last);
            says.accept("writing what was trained");
            run.ledgers().await();
            output.write(state.trained(), metadata, last, after);
            output.writeBest(between.best(), last, states, state.trained(), metadata);
        }
    }

    private static void keep(RunContext run, RunOutput output, TrainingState state, RunMetadata metadata, long step)
            throws IOException {
        run.ledgers().await();
        output.keepBest(state.trained(), metadata, step);
    }
}
