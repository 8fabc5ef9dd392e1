package atelier.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atelier.trainer.loop.TrainerGolden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateTest {
    @ParameterizedTest
    @CsvSource({
        "constant, CONSTANT, 10, 0",
        "linear, LINEAR, 10, 0",
        "cosine, COSINE, 10, 0",
        "restarts, RESTARTS, 10, 0",
        "polynomial, POLYNOMIAL, 10, 1e-3",
        "cosine_minimum, COSINE, 10, 0.1",
        "one_cycle, ONE_CYCLE, 0, 0",
        "rex, REX, 10, 0"
    })
    void everyStepHasTheReferencesRate(String golden, ScheduleName name, int warmup, double minimum) {
        double[] expected = TrainerGolden.file("optimisers/schedules").doubles("out." + golden);
        LearningRate rate = new LearningRate(new ScheduleSettings(name, warmup, minimum, 3, 2, 0.3), 2e-3, 100);
        for (int step = 0; step < expected.length; step++) {
            assertThat(rate.factor(step)).as("step %s", step).isCloseTo(expected[step], within(1e-12));
            assertThat(rate.at(step)).isCloseTo(2e-3 * expected[step], within(1e-14));
        }
    }

    @Test
    void pastTheEndTheRateStaysAtTheMinimum() {
        for (ScheduleName name : ScheduleName.values()) {
            boolean level = name == ScheduleName.CONSTANT || name == ScheduleName.ONE_CYCLE;
            double rate = new LearningRate(new ScheduleSettings(name, 0, 0.25, 3, 2, 0.3), 1, 100).factor(150);
            if (!level) {
                assertThat(rate).as("%s", name).isEqualTo(0.25);
            }
        }
    }

    @Test
    void aRefusalNamesTheKey() {
        assertThatThrownBy(() -> new ScheduleSettings(ScheduleName.COSINE, -1, 0, 1, 1, 0.3))
                .hasMessage("schedule.warmup must be at least 0, got -1");
        assertThatThrownBy(() -> new ScheduleSettings(ScheduleName.ONE_CYCLE, 5, 0, 1, 1, 0.3))
                .hasMessageContaining("schedule.warmup must be 0 for one_cycle");
    }
}
