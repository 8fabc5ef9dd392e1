package atelier.evaluation.audit.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ThresholdTest {
    @Test
    void falseAlarmsOnFurtherNormalScoresAreAboutAsRareAsAskedFor() {
        Random random = new Random(3);
        int alarms = 0;
        int tries = 0;
        for (int sample = 0; sample < 400; sample++) {
            Threshold threshold = Threshold.of(
                    0.01,
                    List.of(random.doubles(56).map(u -> random.nextGaussian()).toArray()));
            for (int i = 0; i < 250; i++) {
                tries++;
                alarms += threshold.flags(random.nextGaussian()) ? 1 : 0;
            }
        }
        // No more than asked for; somewhat less, since no threshold lies below a score that was seen.
        assertThat(alarms / (double) tries).isBetween(0.003, 0.0115);
    }

    @Test
    void theStrictestGroupDecides() {
        double[] low = spread(0, 20);
        double[] high = spread(5, 20);
        assertThat(Threshold.of(0.01, List.of(low, high))).satisfies(both -> {
            assertThat(both.value()).isEqualTo(Threshold.of(0.01, List.of(high)).value());
            assertThat(both.count()).isEqualTo(40);
            assertThat(both.mean()).isCloseTo(5, within(1e-9));
        });
    }

    @Test
    void marginsAreZeroAtTheMeanAndOneAtTheThreshold() {
        Threshold threshold = Threshold.of(0.01, List.of(spread(2, 20)));
        assertThat(threshold.margin(2)).isCloseTo(0, within(1e-9));
        assertThat(threshold.margin(threshold.value())).isCloseTo(1, within(1e-9));
        assertThat(threshold.flags(threshold.value())).isFalse();
    }

    @Test
    void withoutEvidenceNothingIsFlagged() {
        Threshold threshold = Threshold.of(0.01, List.of(new double[] {1, 2, 3}));
        assertThat(threshold.flags(1e9)).isFalse();
        assertThat(threshold.margin(1e9)).isZero();
    }

    @Test
    void sharesComeWithTheirExactInterval() {
        assertThat(new Share(0, 56).interval().low()).isZero();
        assertThat(new Share(0, 56).interval().high()).isCloseTo(1 - Math.pow(0.025, 1 / 56.0), within(1e-9));
        assertThat(new Share(0, 0).interval().high()).isEqualTo(1);
        assertThatThrownBy(() -> new Share(3, 2)).hasMessageContaining("3 out of 2");
    }

    private static double[] spread(double mean, int count) {
        double[] scores = new double[count];
        Arrays.setAll(scores, i -> mean + (i % 2 == 0 ? 0.5 : -0.5));
        return scores;
    }
}
