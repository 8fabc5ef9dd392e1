package atelier.inference.sampler.noise;

import atelier.inference.sampler.schedule.Steps;
import java.util.List;

/** Noise for stochastic differential equations: increments of one Brownian path an image, divided by sqrt(interval). */
public final class BrownianNoise {
    private final List<BrownianPath> paths;
    private final int elements;

    BrownianNoise(List<Long> seeds, int elements, float sigmaMin, float sigmaMax) {
        this.elements = elements;
        paths = seeds.stream()
                .map(seed -> new BrownianPath(seed, elements, sigmaMin, sigmaMax))
                .toList();
    }

    /** Standard normal noise for the way from one level down to a lower one; ways that meet are independent. */
    public float[] between(float sigma, float sigmaNext) {
        float root = Steps.sqrt(Math.abs(sigmaNext - sigma));
        float sign = sigma < sigmaNext ? 1 : -1;
        float[] noise = new float[paths.size() * elements];
        for (int image = 0; image < paths.size(); image++) {
            float[] increment = paths.get(image).increment(Math.min(sigma, sigmaNext), Math.max(sigma, sigmaNext));
            for (int i = 0; i < elements; i++) {
                noise[image * elements + i] = increment[i] * sign / root;
            }
        }
        return noise;
    }
}
