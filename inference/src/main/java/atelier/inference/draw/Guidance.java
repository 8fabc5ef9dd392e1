package atelier.inference.draw;

/** What steers a trajectory: the output that a sampler goes on from, made of one prediction or of several. */
@FunctionalInterface
public interface Guidance {
    /**
     * The output of a model call, of the kind that the model predicts: noise, velocity or sample.
     *
     * @param call from 0
     * @param latents of all pictures, one behind the other, as the sampler scaled them; not to be changed
     * @param timestep between 0 and the number of training steps; some samplers ask between two whole steps
     */
    float[] predict(int call, float[] latents, double timestep);
}
