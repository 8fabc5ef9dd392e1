package atelier.trainer.objective;

import static atelier.common.error.Checks.check;

import atelier.diffusion.noise.TorchRandom;

/** Draws timesteps from objective.min_timestep to below objective.max_timestep. */
public final class TimestepSampler {
    private final ObjectiveSettings settings;

    /** @throws WrongCommandException if the range goes beyond the schedule's length */
    public TimestepSampler(ObjectiveSettings settings, int length) {
        this.settings = settings;
        check(
                settings.maxTimestep() <= length,
                "objective.max_timestep must be at most " + length + ", the steps of the model's noise schedule, got"
                        + " %s",
                settings.maxTimestep());
    }

    /**
     * One example's timestep.
     *
     * @param random the example's own stream
     * @param index the example's place in the step, from 0
     * @param count the step's examples in all
     */
    public int sample(TorchRandom random, int index, int count) {
        double u = switch (settings.timesteps()) {
            case UNIFORM -> random.uniform(1)[0];
            case LOGIT_NORMAL -> logistic(settings.logitMean() + settings.logitStd() * random.normal(1)[0]);
            case STRATIFIED -> (index + random.uniform(1)[0]) / (double) count;
        };
        return at(u, settings.minTimestep(), settings.maxTimestep());
    }

    static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** floor(low + u (high - low)), below high. */
    static int at(double u, int low, int high) {
        return Math.min((int) Math.floor(low + Math.floor(u * (high - low))), high - 1);
    }
}
