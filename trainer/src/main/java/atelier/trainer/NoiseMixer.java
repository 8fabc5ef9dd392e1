package atelier.trainer;

import atelier.diffusion.noise.NoiseSchedule;
import atelier.trainer.StepNoise.Purpose;

/**
 * The forward process for one example: draws latents from their moments, noise and a timestep, and mixes them.
 *
 * @param schedule the model's noise schedule
 * @param scalingFactor the autoencoder's: latents times it have about unit variance
 */
record NoiseMixer(NoiseSchedule schedule, double scalingFactor) {
    /**
     * Noises an example.
     *
     * @param moments mean and log-variance, [2, channels, h, w]
     */
    Noised noise(float[] moments, long[] shape, StepNoise.Stream stream) {
        int elements = moments.length / 2;
        float[] draw = stream.of(Purpose.LATENT_SAMPLE).normal(elements);
        float[] latents = new float[elements];
        float scale = (float) scalingFactor;
        for (int i = 0; i < elements; i++) {
            float deviation = (float) Math.exp(0.5f * moments[elements + i]);
            latents[i] = (moments[i] + deviation * draw[i]) * scale;
        }
        float[] noise = stream.of(Purpose.NOISE).normal(elements);
        int timestep = (int) stream.of(Purpose.TIMESTEP).integers(schedule.length(), 1)[0];
        return new Noised(
                schedule.addNoise(latents, noise, timestep), schedule.target(latents, noise, timestep), timestep);
    }

    /** A noised example and what should be predicted for it. */
    @SuppressWarnings("ArrayRecordComponent")
    record Noised(float[] noisy, float[] target, int timestep) {}
}
