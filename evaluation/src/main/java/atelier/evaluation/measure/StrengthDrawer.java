package atelier.evaluation.measure;

import atelier.common.console.Progress;
import atelier.common.image.Pixels;
import atelier.diffusion.model.StableDiffusion;
import atelier.evaluation.measure.References.Reference;
import atelier.evaluation.sampling.Denoising;
import atelier.evaluation.sampling.Drawings;
import atelier.evaluation.sampling.PairedSampler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Draws and denoises at every strength from the same noise. */
final class StrengthDrawer {
    /** Held-out pictures whose loss is measured at most: enough for an interval, few enough for large models. */
    private static final int LOSSES = 64;

    private final EvaluationSettings settings;
    private final PairedSampler sampler;
    private final Progress progress;
    private @Nullable List<float[]> neutralLatents;

    StrengthDrawer(EvaluationSettings settings, PairedSampler sampler, Progress progress) {
        this.settings = settings;
        this.sampler = sampler;
        this.progress = progress;
    }

    List<Strength> draw(List<String> prompts, References references) throws IOException {
        List<Strength> arms = new ArrayList<>();
        for (double strength : settings.strengths()) {
            progress.says("drawing " + prompts.size() * settings.seedsOf(prompts.size()) + " pictures at strength "
                    + strength);
            arms.add(sampler.with(strength, model -> arm(model, strength, prompts, references)));
        }
        return arms;
    }

    private Strength arm(StableDiffusion model, double strength, List<String> prompts, References references)
            throws IOException {
        Drawings drawings = sampler.draw(
                model,
                strength,
                prompts,
                PairedSampler.seeds(
                        prompts.size(), settings.seedsOf(prompts.size()), settings.seeds(), settings.seed()),
                progress);
        // Seeds of their own, behind the prompts'.
        long neutralSeed = settings.seed() + (long) prompts.size() * settings.seeds();
        List<String> neutralPrompts = settings.neutralPrompts();
        Drawings neutral = sampler.draw(
                model,
                strength,
                neutralPrompts,
                PairedSampler.seeds(neutralPrompts.size(), settings.neutralSeeds(), neutralSeed),
                progress);
        Denoising denoising =
                new Denoising(model, settings.lossLevels(), settings.seed(), Math.max(8, settings.batchSize()));
        if (neutralLatents == null) {
            // The base comes first: what it draws is what every strength denoises.
            neutralLatents = denoising.latents(
                    neutral.pictures().stream().map(own -> own.get(0)).toList());
        }
        List<float[]> predictions = denoising.predictions(neutralLatents, neutralPrompts);
        return new Strength(drawings, neutral, losses(denoising, references.heldOut()), predictions);
    }

    private static double[] losses(Denoising denoising, List<Reference> heldOut) throws IOException {
        List<Reference> used = heldOut.subList(0, Math.min(LOSSES, heldOut.size()));
        if (used.isEmpty()) {
            return new double[0];
        }
        List<Pixels> pictures = used.stream().map(Reference::pixels).toList();
        return denoising.losses(
                denoising.latents(pictures),
                used.stream().map(Reference::caption).toList());
    }
}
