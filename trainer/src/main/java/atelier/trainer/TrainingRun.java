package atelier.trainer;

import atelier.datasets.FindingException;
import atelier.datasets.PairList;
import atelier.datasets.PairSources;
import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.CaptionTools;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.OnError;
import atelier.datasets.cache.TensorCache;
import atelier.datasets.consent.ConsentFilter;
import atelier.datasets.consent.ConsentSettings;
import atelier.datasets.consent.Ledger;
import atelier.datasets.consent.Outcome;
import atelier.datasets.consent.RefusedException;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.AdapterPlan;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.Component;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.objective.NoiseMaker;
import atelier.trainer.objective.Objective;
import atelier.trainer.objective.ObjectiveSettings;
import atelier.trainer.objective.TimestepSampler;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.Optimizers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A run from pairs to adapter: consent, caches, training, samples, export. */
public final class TrainingRun {
    /** The ledger has the others. */
    private static final int FAILURES_SHOWN = 10;

    private final TrainingSettings settings;
    private final RunFolder folder;
    private final MetricsOpener opener;
    private final SampleArtist artist;
    private final Consumer<String> says;

    /** Opens the sinks of a run that goes on from a step. */
    @FunctionalInterface
    public interface MetricsOpener {
        MetricSink open(RunFolder folder, long lastStep) throws IOException;
    }

    /**
     * @param folder the run's own, made already
     * @param opener makes the sinks once the step to go on from is known
     * @param artist draws samples
     * @param says told in a line what happens
     */
    public TrainingRun(
            TrainingSettings settings,
            RunFolder folder,
            MetricsOpener opener,
            SampleArtist artist,
            Consumer<String> says) {
        this.settings = settings;
        this.folder = folder;
        this.opener = opener;
        this.artist = artist;
        this.says = says;
    }

    /**
     * Runs to the end.
     *
     * @throws atelier.datasets.consent.RefusedException when consent or licence forbids it
     * @throws InterruptedRunException when stopped by a signal, after saving
     * @throws NotFiniteException when training broke down; what was saved stays
     */
    public void run() throws IOException, FindingException, InterruptedException {
        Ledger ledger = judge();
        ledger.write(folder.path());
        says.accept(ledger.summary());
        ledger.verdicts().stream()
                .filter(verdict -> verdict.outcome() == Outcome.FAILED)
                .limit(FAILURES_SHOWN)
                .forEach(verdict -> says.accept(verdict.image() + ": " + verdict.reason()));
        requirePictures(ledger);
        try (Kernels kernels = Kernels.load(Devices.of(settings.device()), List.of(Optimizers.KERNELS));
                StableDiffusion model =
                        StableDiffusion.of(Checkpoint.open(settings.model().requirePath()), kernels, loadOptions());
                StopSignal stop = StopSignal.listen()) {
            train(ledger, model, stop);
        }
    }

    /** The ledger that says why has been written by now. */
    private void requirePictures(Ledger ledger) {
        if (ledger.included().isEmpty()) {
            throw new RefusedException("no picture may be trained on: " + ledger.summary() + "; "
                    + folder.path().resolve("ledger.csv") + " gives the reason for each");
        }
        if (settings.data().onError() == OnError.FAIL && ledger.count(Outcome.FAILED) > 0) {
            throw new IllegalArgumentException(ledger.count(Outcome.FAILED) + " pictures cannot be used, named above;"
                    + " mend them, or set data.on_error=skip to go on without them");
        }
    }

    private LoadOptions loadOptions() {
        long bytes = (long) settings.train().reorderedMib() << 20;
        return new LoadOptions(settings.model().dtype(), Use.ADAPTERS, bytes);
    }

    private Ledger judge() throws IOException {
        DataSettings data = settings.data();
        PairList pairs = PairSources.open(data.pairs(), data.images()).read();
        ConsentSettings consent = new ConsentSettings(settings.optout(), settings.licence());
        List<String> triggers = data.triggerWord().isBlank() ? List.of() : List.of(data.triggerWord());
        return new ConsentFilter(consent).apply(pairs, triggers);
    }

    private void train(Ledger ledger, StableDiffusion model, StopSignal stop)
            throws IOException, FindingException, InterruptedException {
        Kernels kernels = model.kernels();
        TensorCache disk = new TensorCache(settings.train().cacheDir());
        LatentCache latents = new LatentCache(model, disk, ModelDigests.of(model.checkpoint(), Component.VAE));
        TextCache text = new TextCache(
                model,
                disk,
                ModelDigests.of(model.checkpoint(), Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)
                        + settings.model().dtype());
        fillText(ledger, model, text);
        // After the text encoders have gone: the UNet takes their memory.
        model.unet().checkpointing(settings.train().gradientCheckpointing());
        String baseDigest = ModelDigests.of(model.checkpoint(), Component.UNET);
        RunFacts facts = RunFacts.of(settings, ledger, baseDigest);

        Long saved = settings.resume() == null ? null : folder.lastSavedStep().orElse(null);
        List<BufferedImage> before = saved == null ? artist.draw(model, settings.sample()) : List.of();
        try (Adapter adapter = AdapterPlan.build(
                        kernels,
                        model.unet().layers(),
                        settings.adapter(),
                        settings.train().seed());
                Learner learner = new Learner(settings, kernels, adapter);
                BatchSource source = new BatchSource(
                        ledger.included(),
                        settings.data(),
                        settings.train().batchSize(),
                        settings.train().seed(),
                        latents::missing,
                        finding -> says.accept(finding.message()));
                MetricSink metrics = opener.open(folder, saved == null ? 0 : saved)) {
            RunWatcher watcher = new RunWatcher(settings, folder, model, adapter, learner, facts, artist, metrics);
            if (saved != null) {
                watcher.restore(saved, kernels, says);
                says.accept("going on after step " + saved + " of "
                        + settings.train().steps());
            }
            Trainer.Passes passes = passes(model, latents, text, learner);
            Trainer trainer = new Trainer(settings.train(), kernels, adapter, learner, source, passes, metrics, stop);
            NativeMemory.trim();
            trainer.run(saved == null ? 0 : saved, watcher);
            List<BufferedImage> after = watcher.finish(before);
            says.accept("writing the adapter and the merged model");
            try (Optimizer.Evaluation evaluation = learner.evaluation()) {
                RunMetadata metadata = new RunMetadata(settings, ledger, source.order());
                RunExport.write(settings, folder, model, adapter, metadata, after);
            }
        }
    }

    private Trainer.Passes passes(StableDiffusion model, LatentCache latents, TextCache text, Learner learner) {
        ObjectiveSettings wanted = settings.objective();
        NoiseSchedule schedule = new NoiseSchedule(wanted.noise(model.schedule().settings()));
        Objective objective = new Objective(wanted, schedule);
        TrainSettings train = settings.train();
        NoiseMixer mixer = new NoiseMixer(
                schedule,
                new NoiseMaker(wanted),
                new TimestepSampler(wanted, schedule.length()),
                train.batchSize() * train.gradientAccumulation(),
                model.autoencoderConfig().scalingFactor());
        TrainStep step = new TrainStep(model.kernels(), model.unet());
        TrainStep.Loss loss = (prediction, plan, slope) ->
                objective.loss(prediction, plan.target(), plan.timesteps(), plan.weights(), null, slope);
        return (batch, number, position, share) -> {
            if (position == 0) {
                learner.begin(number);
            }
            StepPlan plan = StepPlan.of(batch.examples(), train.seed(), number, position, latents, text, mixer);
            return step.run(plan, loss, share, 1);
        };
    }

    /** Captions that are the same every time are encoded before the first step, and the encoders let go. */
    private void fillText(Ledger ledger, StableDiffusion model, TextCache text) throws IOException {
        CaptionTools tools = new CaptionTools(settings.data().captions());
        if (tools.drawsTags()) {
            return;
        }
        Set<String> captions = new LinkedHashSet<>();
        ledger.included().forEach(pair -> captions.addAll(tools.possible(pair)));
        text.fill(captions);
        model.releasePrompts();
    }
}
