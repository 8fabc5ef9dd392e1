package atelier.trainer.run;

import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.MaskReader;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.diffusion.model.BaseKind;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.model.TextConditioning;
import atelier.diffusion.model.TrainedText;
import atelier.diffusion.text.PromptEncoder;
import atelier.trainer.cache.CacheFolder;
import atelier.trainer.objective.InpaintingMasks;
import atelier.trainer.prepare.InpaintingInputs;
import atelier.trainer.prepare.JudgedPairs;
import atelier.trainer.prepare.LatentCache;
import atelier.trainer.prepare.LatentPreparation;
import atelier.trainer.prepare.MaskCache;
import atelier.trainer.prepare.RunCaptions;
import atelier.trainer.prepare.TextCache;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Encodes captions and, on a GPU, pictures before the first step, and lets the encoders go. */
final class Preparation {
    private final TrainingSettings settings;
    private final StableDiffusion model;
    private final JudgedPairs pairs;
    private final Consumer<String> says;
    private final CacheFolder disk;
    private final RunEncoders encoders;

    /** @param disk what is encoded goes to it */
    Preparation(
            TrainingSettings settings,
            StableDiffusion model,
            JudgedPairs pairs,
            CacheFolder disk,
            Consumer<String> says) {
        this.settings = settings;
        this.model = model;
        this.pairs = pairs;
        this.says = says;
        this.disk = disk;
        this.encoders = RunEncoders.of(settings, model);
    }

    /** @param done the step to go on after: what only earlier steps show is not encoded */
    PreparedSet prepare(long done) throws IOException, FindingException, InterruptedException {
        LatentCache latents = encoders.latents(disk);
        TextConditioning.Source text = text();
        encodePictures(latents, done);
        return new PreparedSet(
                pairs,
                latents,
                text,
                masks(),
                inpainting(latents),
                RunFacts.of(
                        settings,
                        pairs,
                        encoders.modelDigest(),
                        encoders.initial().digest()));
    }

    /** States of captions are known beforehand unless the text encoders are changed, in training or by what it starts from. */
    private TextConditioning.Source text() throws IOException {
        boolean adapted = encoders.changesText();
        if (adapted) {
            model.trainText();
        }
        TextCache cache = encoders.texts(disk);
        RunCaptions captions = new RunCaptions(settings.data(), pairs);
        captions.requireTokens(settings.embedding().tokens());
        captions.tellOfCuts(PromptEncoder.tokenizer(model.checkpoint()), says);
        if (!adapted) {
            captions.fill(cache, model);
        }
        return settings.trainsText() ? each -> new TrainedText(model.prompts(), each) : cache;
    }

    /** On a GPU, all at once: a step then has the memory to itself. On a CPU training starts at once. */
    private void encodePictures(LatentCache latents, long done)
            throws IOException, FindingException, InterruptedException {
        if (!model.kernels().device().isGpu()) {
            return;
        }
        RunParts parts = new RunParts(settings);
        LatentPreparation preparation = new LatentPreparation(latents);
        // What is broken is told of again when its turn comes.
        Consumer<Finding> silent = finding -> {};
        try (BatchSource steps = parts.trainingSource(pairs, latents::missing, silent)) {
            preparation.fill(steps, done, settings.train().steps());
        }
        if (!pairs.heldOut().isEmpty()) {
            try (BatchSource heldOut = parts.heldOutSource(pairs, latents::missing, silent)) {
                preparation.fill(heldOut, 0, heldOut.stepsPerEpoch());
            }
        }
        model.makeRoom();
    }

    private @Nullable InpaintingInputs inpainting(LatentCache latents) throws IOException, FindingException {
        if (!BaseKind.isInpainting(model.checkpoint())) {
            return null;
        }
        MaskReader own = null;
        if (settings.objective().inpaintingMasks() == InpaintingMasks.OWN) {
            own = new MaskReader(settings.data());
            own.require(
                    pairs.training().stream().filter(pair -> !pair.isPrior()).toList());
        }
        return new InpaintingInputs(model, latents, disk, own);
    }

    private @Nullable MaskCache masks() throws IOException, FindingException {
        if (!settings.objective().maskedLoss()) {
            return null;
        }
        MaskReader reader = new MaskReader(settings.data());
        reader.require(pairs.training().stream().filter(pair -> !pair.isPrior()).toList());
        return new MaskCache(reader, disk);
    }
}
