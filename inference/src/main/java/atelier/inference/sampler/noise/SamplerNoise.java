package atelier.inference.sampler.noise;

import atelier.diffusion.noise.RandomSource;
import java.util.List;

/**
 * The noise that a stochastic sampler adds on its way: every image of the batch draws from a generator of its own, so
 * that an image does not depend on its neighbours.
 */
public final class SamplerNoise {
    private final List<RandomSource> generators;
    private final List<Long> seeds;
    private final int elements;

    /**
     * @param generators one an image, as they are after the initial latents were drawn
     * @param seeds the images' seeds, from which Brownian paths grow
     * @param elements values an image: channels x height x width of the latents
     */
    public SamplerNoise(List<? extends RandomSource> generators, List<Long> seeds, int elements) {
        if (generators.size() != seeds.size()) {
            throw new IllegalArgumentException(
                    "each image needs a generator and a seed, got " + generators.size() + " and " + seeds.size());
        }
        this.generators = List.copyOf(generators);
        this.seeds = List.copyOf(seeds);
        this.elements = elements;
    }

    /** Standard normal noise of the latents' shape. */
    public float[] next() {
        float[] noise = new float[generators.size() * elements];
        for (int image = 0; image < generators.size(); image++) {
            System.arraycopy(generators.get(image).normal(elements), 0, noise, image * elements, elements);
        }
        return noise;
    }

    /** Brownian paths over the noise levels between two sigmas, one an image, grown from its seed. */
    public BrownianNoise brownian(float sigmaMin, float sigmaMax) {
        return new BrownianNoise(seeds, elements, sigmaMin, sigmaMax);
    }
}
