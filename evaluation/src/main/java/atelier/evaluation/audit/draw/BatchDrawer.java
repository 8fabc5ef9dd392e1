package atelier.evaluation.audit.draw;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.common.console.Progress;
import atelier.common.image.Pixels;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.HostCopy;
import atelier.inference.sampler.Sampler;
import atelier.inference.sampler.Samplers;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SchedulerConfig;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final int side;
    private final Progress progress;

    /**
     * @param model gives schedule, size and autoencoder; stays the caller's
     * @param side of the pictures in pixels
     * @param progress hears of every call
     */
    public BatchDrawer(StableDiffusion model, SamplerKind kind, int steps, int batch, int side, Progress progress) {
        this.model = model;
        this.kind = kind;
        this.steps = steps;
        this.batch = batch;
        this.side = side;
        this.progress = progress;
    }

    /** One generation a draw, in their order. */
    public List<GeneratedPicture> draw(List<DrawRequest> draws, Guidance rule) {
        List<GeneratedPicture> all = new ArrayList<>();
        for (int from = 0; from < draws.size(); from += batch) {
            all.addAll(drawBatch(draws.subList(from, Math.min(from + batch, draws.size())), rule));
        }
        return all;
    }

    private List<GeneratedPicture> drawBatch(List<DrawRequest> draws, Guidance rule) {
        int channels = model.autoencoderConfig().latentChannels();
        int latentSide = side / model.autoencoderConfig().factor();
        int elements = channels * latentSide * latentSide;
        Sampler sampler = Samplers.create(
                kind, SchedulerConfig.of(kind, model.checkpoint().schedulerConfig()), steps);
        List<TorchRandom> generators =
                draws.stream().map(draw -> new TorchRandom(draw.seed())).toList();
        float[] latents = new float[draws.size() * elements];
        for (int row = 0; row < draws.size(); row++) {
            float[] noise = generators.get(row).normal(elements);
            for (int i = 0; i < elements; i++) {
                latents[row * elements + i] = noise[i] * sampler.initialScale();
            }
        }
        List<String> prompts = draws.stream().map(DrawRequest::prompt).toList();
        double[] magnitudes = new double[draws.size()];
        SamplerNoise noise = new SamplerNoise(
                generators, draws.stream().map(DrawRequest::seed).toList(), elements);
        float[] clean = sampler.run(
                0,
                latents,
                (input, timestep) -> {
                    float[] output = rule.predict(input, timestep, prompts, magnitudes);
                    progress.did((long) Guidance.PASSES * prompts.size());
                    return output;
                },
                noise);
        List<GeneratedPicture> generations = new ArrayList<>();
        for (int row = 0; row < draws.size(); row++) {
            float[] own = Arrays.copyOfRange(clean, row * elements, (row + 1) * elements);
            generations.add(new GeneratedPicture(
                    draws.get(row), decode(own, channels, latentSide), magnitudes[row] / sampler.calls()));
        }
        return generations;
    }

    private Pixels decode(float[] latents, int channels, int latentSide) {
        try (NDManager scope = model.kernels().manager().newSubManager();
                NDArray array = StableDiffusion.array(scope, latents, 1, channels, latentSide, latentSide);
                NDArray picture = model.autoencoder().decode(scope, array)) {
            return pixels(HostCopy.floats(picture), side);
        }
    }

    /** Planes in [-1, 1] to 8 bits. */
    private static Pixels pixels(float[] planes, int side) {
        int plane = side * side;
        byte[] rgb = new byte[3 * plane];
        for (int i = 0; i < plane; i++) {
            for (int channel = 0; channel < 3; channel++) {
                float unit = Math.max(0, Math.min(1, planes[channel * plane + i] / 2 + 0.5f));
                rgb[3 * i + channel] = (byte) Math.rint(unit * 255f);
            }
        }
        return new Pixels(side, side, rgb);
    }
}
