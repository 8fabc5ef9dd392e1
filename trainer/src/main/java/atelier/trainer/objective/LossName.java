package atelier.trainer.objective;

/** How a difference d of prediction and target counts: objective.loss. c is the threshold, objective.huber_c by default. */
public enum LossName {
    /** d^2. */
    MSE,
    /** Pseudo-Huber, 2 c (sqrt(d^2 + c^2) - c): d^2 near 0, 2 c |d| far off (kohya sd-scripts). */
    HUBER,
    /** Smooth L1, 2 (sqrt(d^2 + c^2) - c): d^2 / c near 0, 2 |d| far off (kohya sd-scripts). */
    SMOOTH_L1;

    double value(double d, double c) {
        return switch (this) {
            case MSE -> d * d;
            case HUBER -> 2 * c * (Math.sqrt(d * d + c * c) - c);
            case SMOOTH_L1 -> 2 * (Math.sqrt(d * d + c * c) - c);
        };
    }

    double slope(double d, double c) {
        return switch (this) {
            case MSE -> 2 * d;
            case HUBER -> 2 * c * d / Math.sqrt(d * d + c * c);
            case SMOOTH_L1 -> 2 * d / Math.sqrt(d * d + c * c);
        };
    }
}
