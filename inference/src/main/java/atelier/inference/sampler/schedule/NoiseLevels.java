package atelier.inference.sampler.schedule;

import atelier.diffusion.noise.NoiseSchedule;
import org.apache.commons.statistics.distribution.BetaDistribution;

/**
 * The noise levels sigma = sqrt((1 - alphaBar) / alphaBar) of the training steps, and the way between a level and the
 * timestep that the model knows it by.
 */
public final class NoiseLevels {
    private static final double KARRAS_RHO = 7;
    private static final BetaDistribution BETA = BetaDistribution.of(0.6, 0.6);

    private final float[] sigmas;
    private final float[] logs;

    public NoiseLevels(NoiseSchedule schedule) {
        float[] bars = alphaBars(schedule);
        sigmas = new float[bars.length];
        logs = new float[bars.length];
        for (int t = 0; t < bars.length; t++) {
            sigmas[t] = Steps.sqrt((1 - bars[t]) / bars[t]);
            logs[t] = Steps.log(sigmas[t]);
        }
    }

    /** The schedule's alphaBar; a last value of zero becomes 2^-24, so that its sigma is finite. */
    public static float[] alphaBars(NoiseSchedule schedule) {
        float[] bars = schedule.alphaBars();
        if (schedule.settings().zeroTerminalSnr()) {
            bars[bars.length - 1] = 0x1p-24f;
        }
        return bars;
    }

    /** The level of the first, cleanest training step. */
    public float lowest() {
        return sigmas[0];
    }

    /** The level of the last, noisiest training step. */
    float highest() {
        return sigmas[sigmas.length - 1];
    }

    /** The level at a timestep, between whole steps by straight lines. */
    double at(double timestep) {
        int low = (int) Math.floor(timestep);
        if (low >= sigmas.length - 1) {
            return sigmas[sigmas.length - 1];
        }
        double slope = (double) sigmas[low + 1] - sigmas[low];
        return slope * (timestep - low) + sigmas[low];
    }

    /** The levels at timesteps. */
    double[] at(double[] timesteps) {
        double[] levels = new double[timesteps.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = at(timesteps[i]);
        }
        return levels;
    }

    /** The timestep of a level, between whole steps by straight lines in log sigma. */
    double timestep(double sigma) {
        double log = Math.log(Math.max(sigma, 1e-10));
        int low = 0;
        while (low < logs.length - 2 && logs[low + 1] <= log) {
            low++;
        }
        double weight = (logs[low] - log) / (logs[low] - logs[low + 1]);
        weight = Math.max(0, Math.min(1, weight));
        return (1 - weight) * low + weight * (low + 1);
    }

    double[] timesteps(double[] levels) {
        double[] timesteps = new double[levels.length];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = timestep(levels[i]);
        }
        return timesteps;
    }

    /** {@code count} levels from high to low; PLAIN is not of this kind. */
    static double[] spaced(SigmaSpacing spacing, double high, double low, int count) {
        double[] ramp = Steps.evenly(0, 1, count);
        double[] levels = new double[count];
        for (int i = 0; i < count; i++) {
            levels[i] = switch (spacing) {
                case PLAIN -> throw new IllegalArgumentException("plain levels come from timesteps");
                case KARRAS -> {
                    double top = Math.pow(high, 1 / KARRAS_RHO);
                    double bottom = Math.pow(low, 1 / KARRAS_RHO);
                    yield Math.pow(top + ramp[i] * (bottom - top), KARRAS_RHO);
                }
                case EXPONENTIAL -> Math.exp(Math.log(high) + ramp[i] * (Math.log(low) - Math.log(high)));
                case BETA -> low + BETA.inverseCumulativeProbability(1 - ramp[i]) * (high - low);
            };
        }
        return levels;
    }
}
