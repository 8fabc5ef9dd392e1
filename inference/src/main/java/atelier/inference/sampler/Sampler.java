package atelier.inference.sampler;

import atelier.inference.sampler.noise.SamplerNoise;

/**
 * One trajectory from noise to a latent: a fixed list of model calls, each followed by {@link #step}. An object serves
 * one trajectory: calls must be made in order, from any first call on, since multistep methods remember what came
 * before. All methods treat every element alike, so the images of a batch do not touch each other.
 */
public interface Sampler {
    /** How many model calls the whole trajectory takes; methods of second order take two for a step. */
    int calls();

    /** How many model calls make a step of the schedule: 1 or 2. Starting late is possible at whole steps only. */
    int callsPerStep();

    /** The timestep that the model is asked at in this call. */
    double timestep(int call);

    /** The factor by which standard normal noise is multiplied to start with. */
    float initialScale();

    /** The latents as the model wants them in this call. */
    float[] scaleInput(int call, float[] latents);

    /**
     * The latents after this call.
     *
     * @param output what the model predicted from {@link #scaleInput}
     * @param latents before the call, unscaled
     * @param noise where stochastic samplers draw from
     */
    float[] step(int call, float[] output, float[] latents, SamplerNoise noise);

    /** A clean latent brought to the noise level at which this call begins. */
    float[] addNoise(int call, float[] clean, float[] noise);
}
