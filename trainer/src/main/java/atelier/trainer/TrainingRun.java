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
import atelier.datasets.hash.Sha256;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.adapter.AdapterFile;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.objective.NoiseMaker;
import atelier.trainer.objective.Objective;
import atelier.trainer.objective.ObjectiveSettings;
import atelier.trainer.objective.TimestepSampler;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.Optimizers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

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
        Use use = settings.train().fullUnet() ? Use.FULL : Use.ADAPTERS;
        return new LoadOptions(settings.model().dtype(), use);
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
        TensorCache disk = new TensorCache(settings.train().cacheDir());
        ModelDigests digests =
                new ModelDigests(model.checkpoint(), settings.train().cacheDir());
        LatentCache latents = new LatentCache(model, disk, digests.of(Component.VAE) + model.autoencoderPrecision());
        boolean adaptedText = adaptsText(model);
        TextCache text = new TextCache(model, disk, textDigest(digests, adaptedText));
        if (!adaptedText) {
            fillText(ledger, model, text);
        }
        // After the text encoders have gone: the UNet takes their memory.
        model.unet().checkpointing(settings.train().gradientCheckpointing());
        RunFacts facts = RunFacts.of(settings, ledger, digests.of(Component.values()), startDigest());

        Long saved = settings.resume() == null ? null : folder.lastSavedStep().orElse(null);
        List<BufferedImage> before = saved == null ? artist.draw(model, settings.sample()) : List.of();
        model.scheduler(TaughtScheduler.of(model.checkpoint().schedulerConfig(), settings.objective()));
        try (Learnt learnt = Learnt.of(settings, model);
                Learner learner = new Learner(settings, model.kernels(), learnt);
                BatchSource source = new BatchSource(
                        ledger.included(),
                        settings.data(),
                        settings.train().batchSize(),
                        settings.train().seed(),
                        latents::missing,
                        finding -> says.accept(finding.message()));
                MetricSink metrics = opener.open(folder, saved == null ? 0 : saved)) {
            RunWatcher watcher = new RunWatcher(settings, folder, model, learnt, learner, facts, artist, metrics);
            if (saved != null) {
                watcher.restore(saved, model.kernels(), says);
                says.accept("going on after step " + saved + " of "
                        + settings.train().steps());
            }
            StepText.Source words =
                    settings.adapter().textEncoders() ? captions -> new LoopText(model.prompts(), captions) : text;
            Trainer.Passes passes = passes(model, latents, words, learner);
            Trainer trainer = new Trainer(settings.train(), learnt, learner, source, passes, metrics, stop);
            NativeMemory.trim();
            trainer.run(saved == null ? 0 : saved, watcher);
            List<BufferedImage> after = watcher.finish(before);
            says.accept("writing what was learnt");
            try (Optimizer.Evaluation evaluation = learner.evaluation()) {
                RunMetadata metadata = new RunMetadata(settings, ledger, source.order());
                RunExport.write(settings, folder, model, learnt, metadata, after);
            }
        }
    }

    /** Whether text encoders carry updates, learning ones or those of the file that the run starts from. */
    private boolean adaptsText(StableDiffusion model) throws IOException {
        Path start = settings.adapter().start();
        return settings.adapter().textEncoders()
                || (start != null
                        && AdapterFile.read(
                                        start,
                                        model.checkpoint()
                                                .component(Component.UNET)
                                                .config())
                                .components()
                                .stream()
                                .anyMatch(Component::isTextEncoder));
    }

    private String textDigest(ModelDigests digests, boolean adapted) throws IOException {
        return digests.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)
                + settings.model().dtype()
                + (adapted ? startDigest() : "");
    }

    private String startDigest() throws IOException {
        Path start = settings.adapter().start();
        if (start == null || !Files.isDirectory(start)) {
            return start == null ? "" : Sha256.of(start);
        }
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(start)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                all.append(Sha256.of(file));
            }
        }
        return Sha256.of(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    private Trainer.Passes passes(StableDiffusion model, LatentCache latents, StepText.Source text, Learner learner) {
        ObjectiveSettings wanted = settings.objective();
        NoiseSchedule schedule = model.schedule();
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
