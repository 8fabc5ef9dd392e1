package atelier.inference.sampler.schedule;

import atelier.diffusion.noise.NoiseSchedule;

/**
 * The noise levels of the exponential integrators (DPM-Solver, UniPC, DEIS): one a step and a final one.
 *
 * <p>They write a noised sample as x = alpha sample + sigma noise with alpha^2 + sigma^2 = 1, here taken from the ratio
 * sigma / alpha that the ladder holds, and go by lambda = log(alpha / sigma).
 */
public final class SolverLadder {
    /** What follows the last step's level. */
    public enum End {
        ZERO,
        /** The lowest level of training. */
        TRAINING_MINIMUM,
        /** The last step's level once more. */
        REPEAT
    }

    private final float[] ratios;
    private final double[] timesteps;

    private SolverLadder(float[] ratios, double[] timesteps) {
        this.ratios = ratios;
        this.timesteps = timesteps;
    }

    /**
     * @param last number of training steps to choose from
     * @param roundKarras whether the timesteps of Karras' levels are rounded before they are made whole by truncation
     */
    public static SolverLadder of(
            SchedulerConfig config,
            NoiseSchedule schedule,
            int steps,
            int last,
            boolean roundKarras,
            End plainEnd,
            End spacedEnd) {
        NoiseLevels levels = new NoiseLevels(schedule);
        SigmaSpacing spacing = config.sigmaSpacing();
        double[] timesteps;
        double[] sigmas;
        if (spacing == SigmaSpacing.PLAIN) {
            timesteps = config.timestepSpacing().solverTimesteps(last, schedule.length(), steps, config.stepsOffset());
            sigmas = levels.at(timesteps);
        } else {
            sigmas = NoiseLevels.spaced(spacing, levels.highest(), levels.lowest(), steps);
            timesteps = levels.timesteps(sigmas);
        }
        boolean round = spacing == SigmaSpacing.KARRAS && roundKarras;
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = round ? Math.rint(timesteps[i]) : Math.floor(timesteps[i]);
        }
        float[] ratios = new float[sigmas.length + 1];
        for (int i = 0; i < sigmas.length; i++) {
            ratios[i] = (float) sigmas[i];
        }
        ratios[sigmas.length] = switch (spacing == SigmaSpacing.PLAIN ? plainEnd : spacedEnd) {
            case ZERO -> 0;
            case TRAINING_MINIMUM -> levels.lowest();
            case REPEAT -> ratios[sigmas.length - 1];
        };
        return new SolverLadder(ratios, timesteps);
    }

    public int steps() {
        return timesteps.length;
    }

    public double timestep(int step) {
        return timesteps[step];
    }

    public float alpha(int step) {
        return 1 / Steps.sqrt(ratios[step] * ratios[step] + 1);
    }

    public float sigma(int step) {
        return ratios[step] * alpha(step);
    }

    /** log(alpha / sigma), half the logarithm of the signal-to-noise ratio; infinite at level zero. */
    public float lambda(int step) {
        return Steps.log(alpha(step)) - Steps.log(sigma(step));
    }

    public float[] addNoise(int step, float[] clean, float[] noise) {
        return Steps.combine(alpha(step), clean, sigma(step), noise);
    }
}
