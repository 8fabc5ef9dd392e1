package atelier.inference.sampler.schedule;

import atelier.diffusion.noise.NoiseSchedule;

/**
 * The noise levels of the samplers of Karras et al. and k-diffusion, which write a noised sample as x = sample + sigma
 * noise: one level a step, falling, and zero at the end.
 */
public final class SigmaLadder {
    private final NoiseLevels levels;
    private final double[] timesteps;
    private final double[] exact;
    private final float[] sigmas;
    private final boolean unitStart;

    public SigmaLadder(SchedulerConfig config, NoiseSchedule schedule, int steps) {
        levels = new NoiseLevels(schedule);
        TimestepSpacing timestepSpacing = config.timestepSpacing();
        double[] plain = timestepSpacing.timesteps(schedule.length(), steps, config.stepsOffset());
        for (int i = 0; i < plain.length; i++) {
            plain[i] = (float) plain[i];
        }
        double[] visited = levels.at(plain);
        SigmaSpacing spacing = config.sigmaSpacing();
        if (spacing != SigmaSpacing.PLAIN) {
            double high = config.number("sigma_max", visited[0]);
            double low = config.number("sigma_min", visited[visited.length - 1]);
            visited = NoiseLevels.spaced(spacing, high, low, steps);
            plain = levels.timesteps(visited);
        }
        timesteps = plain;
        exact = visited;
        sigmas = new float[visited.length + 1];
        for (int i = 0; i < visited.length; i++) {
            sigmas[i] = (float) visited[i];
        }
        unitStart = timestepSpacing == TimestepSpacing.LEADING;
    }

    /** The same levels with another last one than zero. */
    public void endAt(float sigma) {
        sigmas[sigmas.length - 1] = sigma;
    }

    public int steps() {
        return timesteps.length;
    }

    public double timestep(int step) {
        return timesteps[step];
    }

    /** The timestep of any level. */
    public double timestepOf(double sigma) {
        return levels.timestep(sigma);
    }

    /** The level at which a step begins; that of step steps() is the end's. */
    public float sigma(int step) {
        return sigmas[step];
    }

    /** The level before it was rounded to float32. */
    public double exactSigma(int step) {
        return exact[step];
    }

    /** The lowest level that is not zero. */
    public float lowest() {
        float last = sigmas[sigmas.length - 1];
        return last > 0 ? last : sigmas[sigmas.length - 2];
    }

    /** What standard normal noise is multiplied with: leading spacing does not reach pure noise and keeps variance one. */
    public float initialScale() {
        float highest = 0;
        for (float sigma : sigmas) {
            highest = Math.max(highest, sigma);
        }
        return unitStart ? Steps.sqrt(highest * highest + 1) : highest;
    }

    /** x / sqrt(sigma^2 + 1): variance one, as the model wants it. */
    public static float[] scaleInput(float[] latents, float sigma) {
        return Steps.divide(latents, Steps.sqrt(sigma * sigma + 1));
    }

    /** The noise to add in a step from one level to a lower one, such that going down to {@link #down} leads there. */
    public static float up(float from, float to) {
        return Steps.sqrt(to * to * (from * from - to * to) / (from * from));
    }

    /** The level to go down to when {@code up} is added afterwards. */
    public static float down(float to, float up) {
        return Steps.sqrt(to * to - up * up);
    }
}
