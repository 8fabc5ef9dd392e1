package atelier.trainer.step;

import atelier.diffusion.noise.HeldOutLoss;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.noise.Noised;
import atelier.trainer.objective.NoiseSampler;
import atelier.trainer.objective.TimestepSampler;
import atelier.trainer.step.StepNoise.Purpose;

/**
 * The forward process for one example: draws latents from their moments, noise and a timestep, and mixes them.
 *
 * @param schedule the noise schedule that is trained with
 * @param maker makes the noise
 * @param timesteps draws the timesteps
 * @param perStep examples of a whole optimiser step, over which stratified timesteps are spread
 * @param scalingFactor the autoencoder's: latents times it have about unit variance
 */
public record ForwardDiffusion(
        NoiseSchedule schedule, NoiseSampler maker, TimestepSampler timesteps, int perStep, double scalingFactor) {
    /**
     * Noises an example.
     *
     * @param moments mean and log-variance, [2, channels, h, w]
     */
    public Noised noise(float[] moments, long[] shape, StepNoise.Stream stream) {
        float[] latents = latents(moments, stream);
        float[] noise = maker.noise(stream.of(Purpose.NOISE), (int) shape[1], (int) shape[2], (int) shape[3]);
        float[] perturbed = maker.perturbed(noise, stream.of(Purpose.PERTURBATION));
        int timestep = timesteps.sample(stream.of(Purpose.TIMESTEP), stream.position() % perStep, perStep);
        return new Noised(
                schedule.addNoise(latents, perturbed, timestep), schedule.target(latents, noise, timestep), timestep);
    }

    /** As {@link #noise}, with plain noise and a given timestep: for validation. */
    public Noised plain(float[] moments, StepNoise.Stream stream, int timestep) {
        float[] latents = latents(moments, stream);
        float[] noise = stream.of(Purpose.NOISE).normal(latents.length);
        return HeldOutLoss.noised(schedule, latents, noise, timestep);
    }

    /** A draw of the latents: (mean + deviation * normal) * scaling factor. */
    private float[] latents(float[] moments, StepNoise.Stream stream) {
        int elements = moments.length / 2;
        float[] draw = stream.of(Purpose.LATENT_SAMPLE).normal(elements);
        float[] latents = new float[elements];
        float scale = (float) scalingFactor;
        for (int i = 0; i < elements; i++) {
            float deviation = (float) Math.exp(0.5f * moments[elements + i]);
            latents[i] = (moments[i] + deviation * draw[i]) * scale;
        }
        return latents;
    }
}
