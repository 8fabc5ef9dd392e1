package atelier.evaluation.audit.draw;

import atelier.diffusion.model.Conditioning;
import atelier.diffusion.model.DrawingDenoiser;
import atelier.diffusion.model.NoisyLatents;
import atelier.evaluation.sampling.EncodedCaptions;
import atelier.inference.draw.PictureSize;
import atelier.inference.request.GuidanceScale;
import java.util.Collections;
import java.util.List;

/**
 * Guidance from the base model through the adapted one and beyond: base + weight (adapted - base). Since the adapted
 * model's density is roughly the base's tilted towards the training pictures, a weight above 1 heads for them; about a
 * fifth of a fine-tuning set was drawn out of published models in this way (Wu et al., "Leveraging model guidance to
 * extract training data from personalized diffusion models", 2024). It needs both models, so it is the worst case and no
 * everyday use. The base is told no words, so that the guidance holds the words' own pull as well.
 */
public final class AdapterGuidance implements BatchGuidance {
    private final Told base;
    private final Told adapted;
    private final GuidanceScale guidance;
    private final PictureSize size;
    private final int rows;

    private AdapterGuidance(Told base, Told adapted, double weight, PictureSize size, int rows) {
        this.base = base;
        this.adapted = adapted;
        this.guidance = new GuidanceScale(weight, 0, 0, 1);
        this.size = size;
        this.rows = rows;
    }

    /** A network and what it is told. */
    private record Told(DrawingDenoiser denoiser, Conditioning conditioning) {
        static Told of(EncodedCaptions captions, List<String> texts, PictureSize size) {
            return new Told(
                    new DrawingDenoiser(captions.model()),
                    Conditioning.whole(captions.of(texts), texts.size(), size.height(), size.width()));
        }

        float[] predict(NoisyLatents noisy) {
            return denoiser.predict(noisy, conditioning);
        }
    }

    /** @param weight more than 1 */
    public static Rule rule(EncodedCaptions base, EncodedCaptions adapted, double weight) {
        return (prompts, size) -> new AdapterGuidance(
                Told.of(base, Collections.nCopies(prompts.size(), ""), size),
                Told.of(adapted, prompts, size),
                weight,
                size,
                prompts.size());
    }

    @Override
    public float[] predict(int call, float[] latents, double timestep) {
        NoisyLatents noisy = NoisyLatents.at(timestep, latents, rows, size.latentHeight(), size.latentWidth());
        return guidance.apply(base.predict(noisy), adapted.predict(noisy), latents.length / rows);
    }

    @Override
    public double[] magnitudes() {
        return new double[rows];
    }

    @Override
    public void close() {
        base.denoiser().close();
        adapted.denoiser().close();
    }
}
