package atelier.trainer.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Row 8: what samples cost is known before, and stays under a tenth of the run. */
class SamplePlanTest {
    private static final List<String> PROMPTS = List.of("a", "b", "c", "d");
    private static final SampleSettings GUIDED = new SampleSettings(null, "", 1, 20, 7.5, "dpmpp_2m", 1);

    @Test
    void aDrawingStepWithGuidanceCostsTwoPassesAndATrainingStepThree() {
        double cost = SamplePlan.pictureCost(GUIDED, 4, 1);
        assertThat(cost).isCloseTo(1.2 * 20 * 2 / (3.0 * 4), within(1e-12));
        SampleSettings unguided = new SampleSettings(null, "", 1, 20, 1, "dpmpp_2m", 1);
        assertThat(SamplePlan.pictureCost(unguided, 4, 1)).isCloseTo(cost / 2, within(1e-12));
        assertThat(SamplePlan.pictureCost(GUIDED, 4, 4)).isCloseTo(4 * cost, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 50, 200, 500, 1500, 10_000})
    void samplesTakeATenthOfTheRunAtMost(int steps) {
        for (double cost : new double[] {0.5, 4, 16, 80}) {
            SamplePlan plan = SamplePlan.within(PROMPTS, 250, steps, cost);
            assertThat(plan.costAfter(0)).isLessThanOrEqualTo(0.1 * steps);
        }
    }

    @Test
    void aShortRunDrawsFewerPromptsOrNoneAndSaysHowToGetThem() {
        SamplePlan one = SamplePlan.within(PROMPTS, 250, 500, 16);
        assertThat(one.prompts()).containsExactly("a");
        assertThat(one.told()).contains("1 prompt at the end", "train.sample_every=0 draws all 4 prompts");
        SamplePlan none = SamplePlan.within(PROMPTS, 250, 50, 16);
        assertThat(none.prompts()).isEmpty();
        assertThat(none.told()).contains("no samples", "2.6 times", "train.sample_every=0");
    }

    @Test
    void aLongRunDrawsAsItGoesNotMoreOftenThanItSaves() {
        SamplePlan plan = SamplePlan.within(PROMPTS, 250, 1500, 4);
        assertThat(plan.prompts()).hasSize(4);
        assertThat(plan.every()).isEqualTo(250);
        assertThat(plan.isDue(250)).isTrue();
        assertThat(plan.isDue(251)).isFalse();
        // Five grids on the way, the base's and the last.
        assertThat(plan.costAfter(0)).isEqualTo(7 * 4 * 4.0);
        assertThat(plan.costAfter(500)).isEqualTo((3 + 1) * 4 * 4.0);
    }

    @Test
    void whoAsksGetsAllWhateverItCosts() {
        SamplePlan plan = SamplePlan.asked(PROMPTS, 10, 50, 16);
        assertThat(plan.prompts()).isEqualTo(PROMPTS);
        assertThat(plan.told())
                .isEqualTo("samples: 4 prompts every 10 steps and at the end, about 768 % of training's time");
        assertThat(SamplePlan.asked(List.of(), 10, 50, 16).told()).isEmpty();
    }
}
