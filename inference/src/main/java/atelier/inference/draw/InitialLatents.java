package atelier.inference.draw;

import atelier.diffusion.noise.RandomSource;
import atelier.inference.sampler.Sampler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a trajectory begins, and what holds it on its way.
 *
 * @param firstCall the first model call
 * @param latents before it, of all pictures
 * @param conditions further input channels of an inpainting network, of all pictures; null for none
 * @param kept the part of the picture that stays; null if none does
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record InitialLatents(
        int firstCall,
        float[] latents,
        float @Nullable [] conditions,
        @Nullable Kept kept) {

    /**
     * What stays of the starting picture.
     *
     * @param clean its latents
     * @param noise that it is noised with at every level
     * @param mask 1 where it is painted anew, per latent of one plane
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Kept(float[] clean, float[] noise, float[] mask) {}

    /**
     * From pure noise.
     *
     * @param generators one a picture
     * @param elements latents of a picture
     */
    public static InitialLatents noise(Sampler sampler, List<? extends RandomSource> generators, int elements) {
        float[] noise = draw(generators, elements);
        for (int i = 0; i < noise.length; i++) {
            noise[i] *= sampler.initialScale();
        }
        return new InitialLatents(0, noise, null, null);
    }

    /** Standard normal noise, each picture's from its own generator. */
    static float[] draw(List<? extends RandomSource> generators, int elements) {
        float[] noise = new float[generators.size() * elements];
        for (int image = 0; image < generators.size(); image++) {
            System.arraycopy(generators.get(image).normal(elements), 0, noise, image * elements, elements);
        }
        return noise;
    }

    /** The latents with the kept part put back, at the noise level at which {@code call} begins. */
    float[] keep(Sampler sampler, int call, float[] latents) {
        if (kept == null) {
            return latents;
        }
        float[] original = call < sampler.calls() ? sampler.addNoise(call, kept.clean(), kept.noise()) : kept.clean();
        float[] joined = new float[latents.length];
        float[] mask = kept.mask();
        for (int i = 0; i < joined.length; i++) {
            float anew = mask[i % mask.length];
            joined[i] = (1 - anew) * original[i] + anew * latents[i];
        }
        return joined;
    }
}
