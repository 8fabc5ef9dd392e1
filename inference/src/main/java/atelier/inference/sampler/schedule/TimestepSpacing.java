package atelier.inference.sampler.schedule;

import atelier.common.error.WrongCommandException;

/** Which of the training steps a shorter trajectory visits (Lin et al., 2023, table 2). */
public enum TimestepSpacing {
    /** From 0 upwards in equal whole steps; the noisiest step is not reached. */
    LEADING("leading"),
    /** From the first training step to the last, evenly. */
    LINSPACE("linspace"),
    /** From the last downwards in equal steps. */
    TRAILING("trailing");

    private final String key;

    TimestepSpacing(String key) {
        this.key = key;
    }

    /** The name in a configuration. */
    public String key() {
        return key;
    }

    /** The spacing of that name; throws WrongCommandException that lists the names. */
    public static TimestepSpacing of(String key) {
        for (TimestepSpacing spacing : values()) {
            if (spacing.key.equals(key)) {
                return spacing;
            }
        }
        throw new WrongCommandException(
                "timestep_spacing in scheduler_config.json must be leading, linspace or trailing, got '" + key + "'");
    }

    /**
     * The visited steps, noisiest first, of DDPM, DDIM and the samplers of k-diffusion.
     *
     * @param train number of training steps
     * @param steps how many to visit
     * @param offset added to each with leading spacing
     */
    public double[] timesteps(int train, int steps, int offset) {
        return switch (this) {
            case LEADING -> {
                int ratio = train / steps;
                double[] t = new double[steps];
                for (int i = 0; i < steps; i++) {
                    t[i] = (double) (steps - 1 - i) * ratio + offset;
                }
                yield t;
            }
            case LINSPACE -> reversed(Steps.evenly(0, train - 1, steps));
            case TRAILING -> trailing(train, train, steps);
        };
    }

    /**
     * The visited steps of the exponential integrators (DPM-Solver, UniPC, DEIS), which place one step more and leave the
     * last, the clean end, to the final noise level; rounded to whole steps.
     *
     * @param last number of training steps from which to choose, train unless the schedule's noisy end is clipped
     */
    double[] solverTimesteps(int last, int train, int steps, int offset) {
        return switch (this) {
            case LEADING -> {
                int ratio = last / (steps + 1);
                double[] t = new double[steps];
                for (int i = 0; i < steps; i++) {
                    t[i] = (double) (steps - i) * ratio + offset;
                }
                yield t;
            }
            case LINSPACE -> {
                double[] even = Steps.evenly(0, last - 1, steps + 1);
                double[] t = new double[steps];
                for (int i = 0; i < steps; i++) {
                    t[i] = Math.rint(even[steps - i]);
                }
                yield t;
            }
            case TRAILING -> trailing(last, train, steps);
        };
    }

    private static double[] trailing(int from, int train, int steps) {
        double ratio = (double) train / steps;
        int count = (int) Math.ceil(from / ratio);
        double[] t = new double[count];
        for (int i = 0; i < count; i++) {
            t[i] = Math.rint(from + i * -ratio) - 1;
        }
        return t;
    }

    private static double[] reversed(double[] values) {
        double[] reversed = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            reversed[i] = values[values.length - 1 - i];
        }
        return reversed;
    }
}
