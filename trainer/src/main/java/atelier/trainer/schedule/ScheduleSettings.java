package atelier.trainer.schedule;

import static atelier.common.error.Checks.check;

/**
 * The group {@code schedule} of the configuration.
 *
 * @param name the curve
 * @param warmup steps in which the rate rises in a straight line from 0; one_cycle rises by itself
 * @param minimum where the curve ends, as a share of optimizer.lr
 * @param cycles of restarts
 * @param power of polynomial
 * @param rise the share of the steps in which one_cycle goes up
 */
public record ScheduleSettings(ScheduleName name, int warmup, double minimum, int cycles, double power, double rise) {
    public ScheduleSettings {
        check(warmup >= 0, "schedule.warmup must be at least 0, got %s", warmup);
        check(minimum >= 0 && minimum <= 1, "schedule.minimum must be from 0 to 1, got %s", minimum);
        check(cycles >= 1, "schedule.cycles must be at least 1, got %s", cycles);
        check(power > 0, "schedule.power must be above 0, got %s", power);
        check(rise > 0 && rise < 1, "schedule.rise must be between 0 and 1, got %s", rise);
        boolean oneRise = name != ScheduleName.ONE_CYCLE || warmup == 0;
        check(oneRise, "schedule.warmup must be 0 for one_cycle, which rises by itself, got %s", warmup);
    }
}
