package atelier.trainer.objective;

/** How the Huber losses' threshold follows the timestep: objective.huber_schedule (kohya sd-scripts). */
public enum HuberSchedule {
    /** c0. */
    CONSTANT,
    /** exp(ln(c0) t / length): 1 at the clean end, c0 at the noisy one. */
    EXPONENTIAL,
    /** (1 - c0) / (1 + sigma)^2 + c0, with sigma = sqrt((1 - alphaBar) / alphaBar). */
    SNR;

    double threshold(double c0, int t, int length, double alphaBar) {
        return switch (this) {
            case CONSTANT -> c0;
            case EXPONENTIAL -> Math.exp(Math.log(c0) * t / length);
            case SNR -> {
                double rise = 1 + Math.sqrt((1 - alphaBar) / alphaBar);
                yield (1 - c0) / (rise * rise) + c0;
            }
        };
    }
}
