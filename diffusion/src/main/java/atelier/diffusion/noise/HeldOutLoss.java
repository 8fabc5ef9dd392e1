package atelier.diffusion.noise;

/**
 * The loss of pictures that are not trained on, as validation and evaluation report it: the mean squared error of the
 * prediction, every timestep counted alike, at a few timesteps that are always the same. The noise is the caller's.
 */
public final class HeldOutLoss {
    private HeldOutLoss() {}

    /**
     * The middle of the k-th of {@code count} equal parts of the schedule.
     *
     * @param length timesteps of the schedule
     */
    public static int timestep(int k, int count, int length) {
        return (int) ((k + 0.5) * length / count);
    }

    /** Latents at a timestep with plain noise, and what should be predicted for them. */
    public static Noised noised(NoiseSchedule schedule, float[] latents, float[] noise, int timestep) {
        return new Noised(
                schedule.addNoise(latents, noise, timestep), schedule.target(latents, noise, timestep), timestep);
    }

    /** The mean squared error of a prediction. */
    public static double of(float[] prediction, float[] target) {
        double sum = 0;
        for (int i = 0; i < prediction.length; i++) {
            double difference = (double) prediction[i] - target[i];
            sum += difference * difference;
        }
        return sum / prediction.length;
    }
}
