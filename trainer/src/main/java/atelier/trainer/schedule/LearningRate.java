package atelier.trainer.schedule;

/**
 * The learning rate as a function of the step alone. The curves are transformers' and PyTorch's (one_cycle) of the same
 * names.
 */
public final class LearningRate {
    /** PyTorch's OneCycleLR: the start's share of the top, and the end's of the start. */
    private static final double ONE_CYCLE_START = 1 / 25.0;

    private static final double ONE_CYCLE_END = 1e-4;

    private final ScheduleSettings settings;
    private final double top;
    private final long steps;

    /**
     * @param top optimizer.lr
     * @param steps optimiser steps of the whole run
     */
    public LearningRate(ScheduleSettings settings, double top, long steps) {
        this.settings = settings;
        this.top = top;
        this.steps = steps;
    }

    /** The rate of a step's update, steps counted from 0. */
    public double at(long step) {
        return top * factor(step);
    }

    /** The share of the top rate, steps counted from 0. */
    public double factor(long step) {
        if (settings.name() == ScheduleName.ONE_CYCLE) {
            return oneCycle(step);
        }
        if (step < settings.warmup()) {
            return (double) step / settings.warmup();
        }
        double share = (step - settings.warmup()) / (double) Math.max(1, steps - settings.warmup());
        double left = Math.max(0, 1 - share);
        return settings.minimum() + (1 - settings.minimum()) * shape(share, left);
    }

    /** Each curve from 1 to 0, but the constant; share of the steps after the warm-up, and what is left of them. */
    private double shape(double share, double left) {
        return switch (settings.name()) {
            case CONSTANT -> 1;
            case LINEAR -> left;
            case COSINE -> halfCosine(Math.min(1, share));
            case RESTARTS -> left == 0 ? 0 : halfCosine(settings.cycles() * share % 1);
            case POLYNOMIAL -> Math.pow(left, settings.power());
            case REX -> left / (0.5 + 0.5 * left);
            case ONE_CYCLE -> throw new IllegalStateException("one_cycle is no curve after a warm-up");
        };
    }

    private static double halfCosine(double share) {
        return 0.5 * (1 + Math.cos(Math.PI * share));
    }

    /** PyTorch's, made for one step more than the run has, as PyTorch's users make it: it is stepped after the last. */
    private double oneCycle(long step) {
        double peak = settings.rise() * (steps + 1) - 1;
        if (step <= peak) {
            return between(ONE_CYCLE_START, 1, step / peak);
        }
        return between(1, ONE_CYCLE_START * ONE_CYCLE_END, Math.min(1, (step - peak) / (steps - peak)));
    }

    private static double between(double from, double to, double share) {
        return to + (from - to) * halfCosine(share);
    }
}
