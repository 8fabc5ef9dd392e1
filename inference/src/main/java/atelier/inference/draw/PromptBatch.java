package atelier.inference.draw;

import atelier.diffusion.model.Conditioning;
import atelier.diffusion.model.Denoiser;
import atelier.diffusion.model.DrawingDenoiser;
import atelier.diffusion.model.EncodedText;
import atelier.diffusion.model.NoisyLatents;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.noise.RandomSource;
import atelier.diffusion.text.TextStates;
import atelier.inference.request.GuidanceScale;
import atelier.inference.request.ImageRequest;
import atelier.inference.request.SamplingSettings;
import atelier.inference.sampler.Sampler;
import atelier.inference.sampler.noise.SamplerNoise;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * Draws pictures of different prompts together, from noise. A picture is that of {@link TextToImage} for its prompt and
 * seed, up to rounding where batches of another size use other kernels. Each prompt is encoded once, however many
 * pictures of it are drawn.
 */
public final class PromptBatch {
    private final StableDiffusion model;
    private final TextToImage pipeline;
    private final PictureLatents codec;
    private final String negativePrompt;
    private final int side;
    private final SamplingSettings sampling;
    private final int batch;
    private final Map<String, PromptStates> prompts = new HashMap<>();

    /** A picture that is wanted. */
    public record Wanted(String prompt, long seed) {}

    /**
     * @param model stays the caller's
     * @param negativePrompt what guidance leads away from; empty for nothing
     * @param side of the square in pixels; 0 takes the model's own
     * @param batch pictures drawn at once
     */
    public PromptBatch(StableDiffusion model, String negativePrompt, int side, SamplingSettings sampling, int batch) {
        this.model = model;
        this.negativePrompt = negativePrompt;
        this.sampling = sampling;
        this.batch = batch;
        pipeline = new TextToImage(model);
        codec = new PictureLatents(model);
        this.side = side == 0 ? pipeline.nativeSize() : side;
    }

    /**
     * Draws.
     *
     * @param passes hears of every call, how many rows went through the network
     * @return one picture for each wanted one, in order
     */
    public List<BufferedImage> draw(List<Wanted> wanted, LongConsumer passes) throws IOException {
        List<BufferedImage> all = new ArrayList<>();
        int from = 0;
        while (from < wanted.size()) {
            int to = from + 1;
            while (to < wanted.size() && to - from < batch && together(wanted.get(from), wanted.get(to))) {
                to++;
            }
            all.addAll(drawBatch(wanted.subList(from, to), passes));
            from = to;
        }
        return all;
    }

    /** Rows of a batch have states of one length at every step. */
    private boolean together(Wanted one, Wanted other) throws IOException {
        PromptStates first = states(one.prompt());
        PromptStates second = states(other.prompt());
        for (int step = 0; step < sampling.steps(); step++) {
            if (first.with(step).tokens() != second.with(step).tokens()) {
                return false;
            }
        }
        return true;
    }

    private PromptStates states(String prompt) throws IOException {
        PromptStates known = prompts.get(prompt);
        if (known == null) {
            known = PromptStates.of(model.prompts(), request(prompt, List.of(0L)));
            prompts.put(prompt, known);
        }
        return known;
    }

    private ImageRequest request(String prompt, List<Long> seeds) {
        return new ImageRequest(prompt, negativePrompt, seeds, side, side, sampling, null, null);
    }

    private List<BufferedImage> drawBatch(List<Wanted> wanted, LongConsumer passes) throws IOException {
        List<Long> seeds = wanted.stream().map(Wanted::seed).toList();
        pipeline.check(request(wanted.get(0).prompt(), seeds));
        PictureSize size = new PictureSize(side, side, model.autoencoderConfig().factor());
        // As TextToImage does: the number of pictures must not change what one of them looks like.
        model.expectLatents(2L * size.latentPlane());
        List<RandomSource> generators =
                seeds.stream().map(sampling.rng()::source).toList();
        Sampler sampler = sampling.create(
                model.checkpoint().schedulerConfig(),
                model.checkpoint().family().isXl());
        int elements = codec.elements(size);
        InitialLatents initial = InitialLatents.noise(sampler, generators, elements);
        List<PromptStates> rows = new ArrayList<>();
        for (Wanted each : wanted) {
            rows.add(states(each.prompt()));
        }
        int rowsACall = wanted.size() * (sampling.guidanceScale() > 1 ? 2 : 1);
        try (DrawingDenoiser denoiser = new DrawingDenoiser(model)) {
            float[] clean = SamplingLoop.run(
                    sampler,
                    initial,
                    guidance(denoiser, rows, size, sampler.calls()),
                    new SamplerNoise(generators, seeds, elements),
                    (done, all, latents) -> {
                        passes.accept(rowsACall);
                        return true;
                    });
            return codec.decode(clean, size);
        }
    }

    /** Classifier-free guidance in which every row has a prompt of its own. */
    private Guidance guidance(Denoiser denoiser, List<PromptStates> rows, PictureSize size, int calls) {
        GuidanceScale guidance = sampling.guidance();
        return (call, latents, timestep) -> {
            int step = call * sampling.steps() / calls;
            List<TextStates> with = rows.stream().map(row -> row.with(step)).toList();
            if (!guidance.active(call, calls)) {
                return run(denoiser, latents, timestep, new EncodedText(with), size);
            }
            List<TextStates> without =
                    rows.stream().map(row -> row.without(step)).toList();
            float[] both =
                    run(denoiser, NoisyLatents.twice(latents), timestep, EncodedText.guided(without, with), size);
            return guidance.apply(
                    Arrays.copyOfRange(both, 0, latents.length),
                    Arrays.copyOfRange(both, latents.length, both.length),
                    latents.length / rows.size());
        };
    }

    private static float[] run(Denoiser denoiser, float[] input, double timestep, EncodedText text, PictureSize size) {
        int rows = text.states().size();
        return denoiser.predict(
                NoisyLatents.at(timestep, input, rows, size.latentHeight(), size.latentWidth()),
                Conditioning.whole(text, rows, size.height(), size.width()));
    }
}
