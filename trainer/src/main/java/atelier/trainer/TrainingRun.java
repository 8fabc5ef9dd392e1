package atelier.trainer;

import ai.djl.Device;
import atelier.datasets.Finding;
import atelier.datasets.FindingException;
import atelier.datasets.Pair;
import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.EpochOrder;
import atelier.datasets.batch.MaskReader;
import atelier.datasets.cache.TensorCache;
import atelier.datasets.hash.Sha256;
import atelier.diffusion.cuda.EngineFault;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Execution;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.PromptEncoder;
import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.adapter.AdapterFile;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.objective.NoiseMaker;
import atelier.trainer.objective.Objective;
import atelier.trainer.objective.TimestepSampler;
import atelier.trainer.optimizer.Optimizers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A run from pairs to adapter: consent, caches, training, samples, export. */
public final class TrainingRun {
    private final RunInputs inputs;
    private final TrainingSettings settings;
    private final RunFolder folder;
    private final MetricsOpener opener;
    private final SampleArtist artist;
    private final Consumer<String> says;
    private final Release release;

    /** Opens the sinks of a run that goes on from a step. */
    @FunctionalInterface
    public interface MetricsOpener {
        /** @param figures names of all figures that rows may hold, in the order in which to show them */
        MetricSink open(RunFolder folder, long lastStep, List<String> figures) throws IOException;
    }

    /**
     * @param inputs what it reads
     * @param folder the run's own, made already
     * @param opener makes the sinks once the step to go on from is known
     * @param artist draws samples
     * @param gate judges what was learnt before any of it is exported; null exports at once
     * @param says told in a line what happens
     */
    public TrainingRun(
            RunInputs inputs,
            RunFolder folder,
            MetricsOpener opener,
            SampleArtist artist,
            @Nullable ReleaseGate gate,
            Consumer<String> says) {
        this.inputs = inputs;
        this.settings = inputs.settings();
        this.folder = folder;
        this.opener = opener;
        this.artist = artist;
        this.says = says;
        this.release = new Release(settings, folder, gate);
    }

    /**
     * Runs to the end.
     *
     * @throws atelier.datasets.consent.RefusedException when consent, licence or the gate forbids it
     * @throws InterruptedRunException when stopped by a signal, after saving
     * @throws NotFiniteException when training broke down; what was saved stays
     */
    public void run() throws IOException, FindingException, InterruptedException {
        release.prepare();
        try (LedgerWriter ledgers = new LedgerWriter()) {
            train(RunData.judge(inputs, folder, ledgers, says), ledgers);
        }
        // The gate opens models of its own: this one has gone.
        release.open();
    }

    private void train(RunData data, LedgerWriter ledgers) throws IOException, FindingException, InterruptedException {
        try (Kernels kernels = kernels(Devices.of(settings.device()), settings.train());
                StableDiffusion model = StableDiffusion.of(inputs.base(), kernels, loadOptions());
                StopSignal stop = StopSignal.listen();
                // Closed before the signal's listener too, after which a stopped process is gone.
                LedgerWriter whole = ledgers) {
            RunMemory memory = new RunMemory(settings, model);
            try {
                train(data, whole, model, stop, memory);
            } catch (RuntimeException e) {
                throw memory.explained(e);
            }
        }
    }

    /** The kernels of training, the network's among them. */
    static Kernels kernels(Device device, TrainSettings settings) {
        Execution fastest = Execution.on(device);
        return Kernels.load(
                device, List.of(Optimizers.KERNELS, Objective.KERNELS), settings.exact() ? fastest.exactly() : fastest);
    }

    private LoadOptions loadOptions() {
        Use use = settings.train().fullUnet() ? Use.FULL : Use.ADAPTERS;
        // Every Stable Diffusion's latents have an eighth of a picture's side.
        long side = settings.data().resolution() / 8;
        return new LoadOptions(
                settings.model().dtype(),
                use,
                settings.model().prepack(),
                side * side * settings.train().batchSize());
    }

    private void train(RunData data, LedgerWriter ledgers, StableDiffusion model, StopSignal stop, RunMemory memory)
            throws IOException, FindingException, InterruptedException {
        Precision cached = settings.train().cacheDtype();
        if (cached != null) {
            model.encodeIn(cached, "train.cache_dtype");
        }
        Path cache = settings.train().cacheDir();
        TensorCache disk = new TensorCache(cache);
        ModelDigests digests = new ModelDigests(model.checkpoint(), cache);
        LatentCache latents = new LatentCache(model, disk, digests.of(Component.VAE) + model.autoencoderPrecision());
        boolean adaptedText = adaptsText(model);
        if (adaptedText) {
            model.learnText();
        }
        TextCache text = new TextCache(
                model,
                disk,
                textDigest(model, digests, adaptedText),
                settings.data().captionWindows());
        Captions prompts = new Captions(settings.data(), data);
        prompts.tellOfCuts(PromptEncoder.tokenizer(model.checkpoint()), says);
        if (!adaptedText) {
            prompts.fill(text, model);
        }
        Long saved = settings.resume() == null ? null : folder.lastSavedStep().orElse(null);
        long done = saved == null ? 0 : saved;
        encodePictures(model, data, latents, done);
        // After the encoders have gone: the UNet takes their memory.
        checkpoint(model);
        RunFacts facts = RunFacts.of(settings, data, digests.of(Component.values()), startDigest());

        List<BufferedImage> before = saved == null ? artist.draw(model, settings.sample()) : List.of();
        model.scheduler(TaughtScheduler.of(model.checkpoint().schedulerConfig(), settings.objective()));
        StepText.Source words =
                settings.adapter().textEncoders() ? captions -> new LoopText(model.prompts(), captions) : text;
        try (Learnt learnt = Learnt.of(settings, model);
                Learner learner = new Learner(settings, model.kernels(), learnt);
                StepPasses passes = passes(model, learnt, learner, latents, disk, words, data);
                BatchSource source = source(data, latents, finding -> says.accept(finding.message()));
                Validator validator = validator(model, learnt, learner, latents, words, data, ledgers, source.order());
                MetricSink metrics = opener.open(folder, done, RunWatcher.figures(settings, learner, memory))) {
            memory.expect(learnt.parameters(), says);
            LossScale scale = LossScale.of(settings.model().dtype(), settings.train());
            Trainer trainer = new Trainer(settings.train(), learnt, learner, scale, source, passes, metrics, stop);
            List<Remembered> remembered = new ArrayList<>(List.of(learner));
            remembered.addAll(trainer.remembered());
            remembered.addAll(validator.remembered());
            RunWatcher watcher = new RunWatcher(
                    settings,
                    folder,
                    ledgers,
                    model,
                    learnt,
                    learner,
                    facts,
                    artist,
                    metrics,
                    validator,
                    memory,
                    remembered);
            if (saved != null) {
                watcher.restore(saved, model.kernels(), says);
                says.accept("going on after step " + saved + " of "
                        + settings.train().steps());
            }
            NativeMemory.trim();
            model.makeRoom();
            long last = steps(trainer, done, watcher);
            if (validator.isOver()) {
                says.accept(validator.reason());
            }
            List<BufferedImage> after = watcher.finish(last, before);
            says.accept("writing what was learnt");
            ledgers.await();
            LongFunction<RunMetadata> metadata = step -> new RunMetadata(settings, data, source.order(), step);
            release.write(model, learnt, learner, metadata.apply(last), after);
            release.writeBest(validator.best(), last, watcher, model, learnt, learner, metadata);
        }
    }

    /** A fault of disk or memory is told together with what can be gone on from. */
    private long steps(Trainer trainer, long done, RunWatcher watcher)
            throws IOException, FindingException, InterruptedException {
        try {
            return trainer.run(done, watcher);
        } catch (IOException | UncheckedIOException | OutOfMemoryError e) {
            says.accept("the run broke off: " + watcher.kept());
            throw e;
        } catch (RuntimeException e) {
            if (EngineFault.isOutOfMemory(e)) {
                says.accept("the run broke off: " + watcher.kept());
            }
            throw e;
        }
    }

    /** On a GPU, all at once: a step then has the memory to itself. On a CPU training starts at once. */
    private void encodePictures(StableDiffusion model, RunData data, LatentCache latents, long done)
            throws IOException, FindingException, InterruptedException {
        if (!model.kernels().device().isGpu()) {
            return;
        }
        LatentPreparation preparation = new LatentPreparation(latents);
        // What is broken is told of again when its turn comes.
        Consumer<Finding> silent = finding -> {};
        try (BatchSource steps = source(data, latents, silent)) {
            preparation.fill(steps, done, settings.train().steps());
        }
        if (!data.heldOut().isEmpty()) {
            try (BatchSource heldOut = Validation.source(
                    data.heldOut(),
                    settings.data(),
                    settings.train().batchSize(),
                    settings.validation(),
                    latents,
                    silent)) {
                preparation.fill(heldOut, 0, heldOut.stepsPerEpoch());
            }
        }
        model.makeRoom();
    }

    private BatchSource source(RunData data, LatentCache latents, Consumer<Finding> findings) throws FindingException {
        return new BatchSource(
                data.training(),
                settings.data(),
                settings.train().picturesPerStep(),
                settings.train().seed(),
                latents::missing,
                findings);
    }

    private void checkpoint(StableDiffusion model) {
        if (settings.train().gradientCheckpointing()) {
            model.unet().checkpointing(settings.train().checkpointedBlocks());
        }
    }

    private Validator validator(
            StableDiffusion model,
            Learnt learnt,
            Learner learner,
            LatentCache latents,
            StepText.Source words,
            RunData data,
            LedgerWriter ledgers,
            EpochOrder order)
            throws FindingException {
        ValidationSettings wanted = settings.validation();
        Validation validation = data.heldOut().isEmpty()
                ? null
                : new Validation(
                        wanted,
                        data.heldOut(),
                        settings.data(),
                        settings.train().batchSize(),
                        new TrainStep(model.kernels(), model.unet()),
                        mixer(model),
                        latents,
                        words,
                        says);
        return new Validator(wanted, validation, learner, step -> {
            ledgers.await();
            release.keepBest(model, learnt, new RunMetadata(settings, data, order, step));
        });
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

    private String textDigest(StableDiffusion model, ModelDigests digests, boolean adapted) throws IOException {
        return digests.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)
                + model.textPrecision()
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

    private NoiseMixer mixer(StableDiffusion model) {
        return new NoiseMixer(
                model.schedule(),
                new NoiseMaker(settings.objective()),
                new TimestepSampler(settings.objective(), model.schedule().length()),
                settings.train().picturesPerStep(),
                model.autoencoderConfig().scalingFactor());
    }

    private StepPasses passes(
            StableDiffusion model,
            Learnt learnt,
            Learner learner,
            LatentCache latents,
            TensorCache disk,
            StepText.Source words,
            RunData data)
            throws IOException {
        Objective objective = new Objective(settings.objective(), model.schedule());
        StepPlans plans =
                new StepPlans(settings.train().seed(), latents, masks(disk, data.training()), objective, mixer(model));
        List<Replica> replicas = new ArrayList<>(List.of(Replica.own(model, learnt, words)));
        for (String device : settings.train().devices()) {
            Replica replica = Replica.on(device, settings, model.checkpoint(), loadOptions(), words);
            replicas.add(replica);
            checkpoint(replica.model());
        }
        return new StepPasses(replicas, learner, settings.train().batchSize(), plans, new ObjectiveLoss(objective));
    }

    private @Nullable MaskCache masks(TensorCache disk, List<Pair> training) throws FindingException {
        if (!settings.objective().maskedLoss()) {
            return null;
        }
        MaskReader reader = new MaskReader(settings.data());
        reader.require(training.stream().filter(pair -> !pair.isPrior()).toList());
        return new MaskCache(reader, disk);
    }
}
