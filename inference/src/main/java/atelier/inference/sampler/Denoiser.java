package atelier.inference.sampler;

/** The network as a sampler sees it. */
@FunctionalInterface
public interface Denoiser {
    /**
     * The network's output for a batch of latents [n, c, h, w], flattened, all at one noise level.
     *
     * @param latents as the sampler scaled them; not to be changed
     * @param timestep between 0 and the number of training steps; some samplers ask between two whole steps
     * @return as many values, of the kind that the model predicts (noise, velocity or sample)
     */
    float[] predict(float[] latents, double timestep);
}
