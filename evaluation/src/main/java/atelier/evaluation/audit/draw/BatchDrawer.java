package atelier.evaluation.audit.draw;

import atelier.common.console.Progress;
import atelier.common.image.Pictures;
import atelier.common.image.Pixels;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.TorchRandom;
import atelier.inference.draw.InitialLatents;
import atelier.inference.draw.PictureLatents;
import atelier.inference.draw.PictureSize;
import atelier.inference.draw.SamplingLoop;
import atelier.inference.sampler.Sampler;
import atelier.inference.sampler.Samplers;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SchedulerConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws many prompts at a time. A generation is a function of its prompt, its seed and the rule; its place in a batch
 * does not matter, and a seed's noise is the same for every prompt and both models.
 */
public final class BatchDrawer {
    private final StableDiffusion model;
    private final SamplerKind kind;
    private final int steps;
    private final int batch;
    private final PictureSize size;
    private final Progress progress;

    /**
     * @param model gives schedule, size of pictures and autoencoder; stays the caller's
     * @param progress hears of every call
     */
    public BatchDrawer(StableDiffusion model, SamplerKind kind, int steps, int batch, Progress progress) {
        this.model = model;
        this.kind = kind;
        this.steps = steps;
        this.batch = batch;
        this.size = PictureSize.nativeTo(model);
        this.progress = progress;
    }

    /** One generation a draw, in their order. */
    public List<GeneratedPicture> draw(List<DrawRequest> draws, BatchGuidance.Rule rule) throws IOException {
        List<GeneratedPicture> all = new ArrayList<>();
        for (int from = 0; from < draws.size(); from += batch) {
            all.addAll(drawBatch(draws.subList(from, Math.min(from + batch, draws.size())), rule));
        }
        return all;
    }

    private List<GeneratedPicture> drawBatch(List<DrawRequest> draws, BatchGuidance.Rule rule) throws IOException {
        PictureLatents codec = new PictureLatents(model);
        int elements = codec.elements(size);
        Sampler sampler = Samplers.create(
                kind,
                SchedulerConfig.of(
                        kind,
                        model.checkpoint().schedulerConfig(),
                        model.checkpoint().family().isXl()),
                steps);
        List<TorchRandom> generators =
                draws.stream().map(draw -> new TorchRandom(draw.seed())).toList();
        InitialLatents initial = InitialLatents.noise(sampler, generators, elements);
        SamplerNoise noise = new SamplerNoise(
                generators, draws.stream().map(DrawRequest::seed).toList(), elements);
        List<String> prompts = draws.stream().map(DrawRequest::prompt).toList();
        try (BatchGuidance guidance = rule.of(prompts, size)) {
            float[] clean = SamplingLoop.run(sampler, initial, guidance, noise, (done, all, latents) -> {
                progress.did((long) BatchGuidance.PASSES * prompts.size());
                return true;
            });
            List<Pixels> pictures = Pictures.of(codec.decode(clean, size));
            double[] magnitudes = guidance.magnitudes();
            List<GeneratedPicture> generations = new ArrayList<>();
            for (int row = 0; row < draws.size(); row++) {
                generations.add(
                        new GeneratedPicture(draws.get(row), pictures.get(row), magnitudes[row] / sampler.calls()));
            }
            return generations;
        }
    }
}
