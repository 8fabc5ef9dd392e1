package atelier.trainer.run;

import atelier.common.console.StopSignal;
import atelier.common.file.Sha256;
import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.EpochOrder;
import atelier.datasets.batch.MaskReader;
import atelier.datasets.cache.TensorCache;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.cuda.EngineFault;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.PromptEncoder;
import atelier.diffusion.weights.name.Component;
import atelier.trainer.folder.InterruptedRunException;
import atelier.trainer.folder.LedgerWriter;
import atelier.trainer.folder.NotFiniteException;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.listen.SampleDrawer;
import atelier.trainer.listen.StepListeners;
import atelier.trainer.listen.Validation;
import atelier.trainer.listen.Validator;
import atelier.trainer.loop.DeviceReplica;
import atelier.trainer.loop.GradientPasses;
import atelier.trainer.loop.LossScale;
import atelier.trainer.loop.ObjectiveLoss;
import atelier.trainer.loop.ParameterUpdate;
import atelier.trainer.loop.TrainStep;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.loop.Trainer;
import atelier.trainer.loop.TrainingKernels;
import atelier.trainer.memory.RunMemory;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.objective.NoiseSampler;
import atelier.trainer.objective.Objective;
import atelier.trainer.objective.TimestepSampler;
import atelier.trainer.output.OutputGate;
import atelier.trainer.output.RunMetadata;
import atelier.trainer.output.RunOutput;
import atelier.trainer.output.SchedulerConfigUpdate;
import atelier.trainer.prepare.JudgedPairs;
import atelier.trainer.prepare.LatentCache;
import atelier.trainer.prepare.LatentPreparation;
import atelier.trainer.prepare.MaskCache;
import atelier.trainer.prepare.ModelDigests;
import atelier.trainer.prepare.RunCaptions;
import atelier.trainer.prepare.RunFingerprint;
import atelier.trainer.prepare.RunInputs;
import atelier.trainer.prepare.StepPlans;
import atelier.trainer.prepare.TextCache;
import atelier.trainer.settings.TrainingSettings;
import atelier.trainer.settings.ValidationSettings;
import atelier.trainer.state.Checkpointed;
import atelier.trainer.step.ForwardDiffusion;
import atelier.trainer.step.PassConditioning;
import atelier.trainer.step.TrainedConditioning;
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
    private final SampleDrawer drawer;
    private final Consumer<String> says;
    private final RunOutput output;

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
     * @param drawer draws samples
     * @param gate judges what was trained before any of it is exported; null exports at once
     * @param says told in a line what happens
     */
    public TrainingRun(
            RunInputs inputs,
            RunFolder folder,
            MetricsOpener opener,
            SampleDrawer drawer,
            @Nullable OutputGate gate,
            Consumer<String> says) {
        this.inputs = inputs;
        this.settings = inputs.settings();
        this.folder = folder;
        this.opener = opener;
        this.drawer = drawer;
        this.says = says;
        this.output = new RunOutput(settings, folder, gate);
    }

    /**
     * Runs to the end.
     *
     * @throws atelier.common.error.RefusedException when consent, licence or the gate forbids it
     * @throws InterruptedRunException when stopped by a signal, after saving
     * @throws NotFiniteException when training broke down; what was saved stays
     */
    public void run() throws IOException, FindingException, InterruptedException {
        output.prepare();
        try (LedgerWriter ledgers = new LedgerWriter()) {
            train(JudgedPairs.judge(inputs, folder, ledgers, says), ledgers);
        }
        // The gate opens models of its own: this one has gone.
        output.open();
    }

    private void train(JudgedPairs data, LedgerWriter ledgers)
            throws IOException, FindingException, InterruptedException {
        try (Kernels kernels = TrainingKernels.load(Devices.of(settings.device()), settings.train());
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

    private LoadOptions loadOptions() {
        Use use = settings.train().fullFinetune() ? Use.FULL : Use.ADAPTERS;
        // Every Stable Diffusion's latents have an eighth of a picture's side.
        long side = settings.data().resolution() / 8;
        return new LoadOptions(
                settings.model().dtype(),
                use,
                settings.model().prepack(),
                side * side * settings.train().batchSize());
    }

    private void train(JudgedPairs data, LedgerWriter ledgers, StableDiffusion model, StopSignal stop, RunMemory memory)
            throws IOException, FindingException, InterruptedException {
        Precision cached = settings.train().cacheDtype();
        if (cached != null) {
            model.encodeIn(cached, "train.cache_dtype");
        }
        Path cache = settings.train().cacheDir();
        TensorCache disk = new TensorCache(cache);
        ModelDigests digests = new ModelDigests(model.checkpoint(), cache);
        LatentCache latents = new LatentCache(
                model,
                disk,
                digests.of(Component.VAE) + model.autoencoderPrecision(),
                settings.data().decoding());
        boolean adaptedText = adaptsText(model);
        if (adaptedText) {
            model.trainText();
        }
        TextCache text = new TextCache(
                model,
                disk,
                textDigest(model, digests, adaptedText),
                settings.data().captionWindows());
        RunCaptions prompts = new RunCaptions(settings.data(), data);
        prompts.tellOfCuts(PromptEncoder.tokenizer(model.checkpoint()), says);
        if (!adaptedText) {
            prompts.fill(text, model);
        }
        Long saved = settings.resume() == null ? null : folder.lastSavedStep().orElse(null);
        long done = saved == null ? 0 : saved;
        encodePictures(model, data, latents, done);
        // After the encoders have gone: the UNet takes their memory.
        checkpoint(model);
        RunFingerprint facts = RunFingerprint.of(settings, data, digests.of(Component.values()), startDigest());

        List<BufferedImage> before = saved == null ? drawer.draw(model, settings.sample()) : List.of();
        model.scheduler(SchedulerConfigUpdate.of(model.checkpoint().schedulerConfig(), settings.objective()));
        PassConditioning.Source words = settings.adapter().textEncoders()
                ? captions -> new TrainedConditioning(model.prompts(), captions)
                : text;
        try (TrainableWeights trainable = TrainableWeights.of(settings, model);
                ParameterUpdate update = new ParameterUpdate(settings, model.kernels(), trainable);
                GradientPasses passes = passes(model, trainable, update, latents, disk, words, data);
                BatchSource source = source(data, latents, finding -> says.accept(finding.message()));
                Validator validator =
                        validator(model, trainable, update, latents, words, data, ledgers, source.order());
                MetricSink metrics = opener.open(folder, done, StepListeners.figures(settings, update, memory))) {
            memory.expect(trainable.parameters(), says);
            LossScale scale = LossScale.of(settings.model().dtype(), settings.train());
            Trainer trainer = new Trainer(settings.train(), trainable, update, scale, source, passes, metrics, stop);
            List<Checkpointed> checkpointed = new ArrayList<>(List.of(update));
            checkpointed.addAll(trainer.checkpointed());
            checkpointed.addAll(validator.checkpointed());
            StepListeners listeners = new StepListeners(
                    settings,
                    folder,
                    ledgers,
                    model,
                    trainable,
                    update,
                    facts,
                    drawer,
                    metrics,
                    validator,
                    memory,
                    checkpointed);
            if (saved != null) {
                listeners.restore(saved, model.kernels(), says);
                says.accept("going on after step " + saved + " of "
                        + settings.train().steps());
            }
            NativeMemory.trim();
            model.makeRoom();
            long last = steps(trainer, done, listeners);
            if (validator.isOver()) {
                says.accept(validator.reason());
            }
            List<BufferedImage> after = listeners.finish(last, before);
            says.accept("writing what was trained");
            ledgers.await();
            LongFunction<RunMetadata> metadata = step -> new RunMetadata(settings, data, source.order(), step);
            output.write(model, trainable, update, metadata.apply(last), after);
            output.writeBest(validator.best(), last, listeners, model, trainable, update, metadata);
        }
    }

    /** A fault of disk or memory is told together with what can be gone on from. */
    private long steps(Trainer trainer, long done, StepListeners listeners)
            throws IOException, FindingException, InterruptedException {
        try {
            return trainer.run(done, listeners);
        } catch (IOException | UncheckedIOException | OutOfMemoryError e) {
            says.accept("the run broke off: " + listeners.kept());
            throw e;
        } catch (RuntimeException e) {
            if (EngineFault.isOutOfMemory(e)) {
                says.accept("the run broke off: " + listeners.kept());
            }
            throw e;
        }
    }

    /** On a GPU, all at once: a step then has the memory to itself. On a CPU training starts at once. */
    private void encodePictures(StableDiffusion model, JudgedPairs data, LatentCache latents, long done)
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

    private BatchSource source(JudgedPairs data, LatentCache latents, Consumer<Finding> findings)
            throws FindingException {
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
            TrainableWeights trainable,
            ParameterUpdate update,
            LatentCache latents,
            PassConditioning.Source words,
            JudgedPairs data,
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
                        forward(model),
                        latents,
                        words,
                        says);
        return new Validator(wanted, validation, update, step -> {
            ledgers.await();
            output.keepBest(model, trainable, new RunMetadata(settings, data, order, step));
        });
    }

    /** Whether text encoders carry updates, learning ones or those of the file that the run starts from. */
    private boolean adaptsText(StableDiffusion model) throws IOException {
        Path start = settings.adapter().initFrom();
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
                + digests.ofTokenizers()
                + (adapted ? startDigest() : "");
    }

    private String startDigest() throws IOException {
        Path start = settings.adapter().initFrom();
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

    private ForwardDiffusion forward(StableDiffusion model) {
        return new ForwardDiffusion(
                model.schedule(),
                new NoiseSampler(settings.objective()),
                new TimestepSampler(settings.objective(), model.schedule().length()),
                settings.train().picturesPerStep(),
                model.autoencoderConfig().scalingFactor());
    }

    private GradientPasses passes(
            StableDiffusion model,
            TrainableWeights trainable,
            ParameterUpdate update,
            LatentCache latents,
            TensorCache disk,
            PassConditioning.Source words,
            JudgedPairs data)
            throws IOException {
        Objective objective = new Objective(settings.objective(), model.schedule());
        StepPlans plans = new StepPlans(
                settings.train().seed(), latents, masks(disk, data.training()), objective, forward(model));
        List<DeviceReplica> replicas = new ArrayList<>(List.of(DeviceReplica.own(model, trainable, words)));
        for (String device : settings.train().devices()) {
            DeviceReplica replica = DeviceReplica.on(device, settings, model.checkpoint(), loadOptions(), words);
            replicas.add(replica);
            checkpoint(replica.model());
        }
        return new GradientPasses(replicas, update, settings.train().batchSize(), plans, new ObjectiveLoss(objective));
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
