package atelier.trainer.optimizer;

import static atelier.common.error.Checks.check;

/**
 * Keys {@code optimizer.adafactor.*}.
 *
 * @param clipThreshold an update whose root mean square is larger is cut to it
 * @param decayRate the second moment's decay at step n is 1 - n^decayRate
 * @param scaleParameter whether the rate is multiplied by the parameter's root mean square
 * @param relativeStep whether the rate comes from the step, and optimizer.lr and the schedule do not count
 * @param warmupInit whether a relative step begins at 1e-6
 */
public record AdafactorSettings(
        double clipThreshold, double decayRate, boolean scaleParameter, boolean relativeStep, boolean warmupInit) {
    public AdafactorSettings {
        check(clipThreshold > 0, "optimizer.adafactor.clip_threshold must be above 0, got %s", clipThreshold);
        check(decayRate < 0, "optimizer.adafactor.decay_rate must be below 0, got %s", decayRate);
        check(
                relativeStep || !warmupInit,
                "optimizer.adafactor.warmup_init needs optimizer.adafactor.relative_step=true, got %s",
                relativeStep);
    }
}
