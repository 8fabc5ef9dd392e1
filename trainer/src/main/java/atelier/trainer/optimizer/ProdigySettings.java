package atelier.trainer.optimizer;

import static atelier.common.error.Checks.check;

/**
 * Keys {@code optimizer.prodigy.*}.
 *
 * @param d0 the first estimate of the distance to the solution
 * @param dCoef multiplies the estimate: 2 learns faster, 0.5 slower
 * @param growthRate the most that the estimate grows by in a step, as a factor
 * @param useBiasCorrection whether Adam's bias correction is used
 * @param safeguardWarmup whether the schedule's rate stays out of the estimate, for long warm-ups
 */
public record ProdigySettings(
        double d0, double dCoef, double growthRate, boolean useBiasCorrection, boolean safeguardWarmup) {
    public ProdigySettings {
        check(d0 > 0, "optimizer.prodigy.d0 must be above 0, got %s", d0);
        check(dCoef > 0, "optimizer.prodigy.d_coef must be above 0, got %s", dCoef);
        check(growthRate > 1, "optimizer.prodigy.growth_rate must be above 1, got %s", growthRate);
    }
}
