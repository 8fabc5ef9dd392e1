package atelier.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.trainer.state.MemoryState;
import org.junit.jupiter.api.Test;

class LossScaleTest {
    @Test
    void anOverflowHalvesTheScaleAndLeavesTheStepOut() {
        LossScale scale = new LossScale(true, 1024, 3);
        assertThat(scale.take(2)).isTrue();
        assertThat(scale.take(Double.POSITIVE_INFINITY)).isFalse();
        assertThat(scale.take(Double.NaN)).isFalse();
        assertThat(scale.value()).isEqualTo(256);
        assertThat(scale.skipped()).isEqualTo(2);
    }

    @Test
    void soundStepsInARowDoubleIt() {
        LossScale scale = new LossScale(true, 8, 3);
        scale.take(1);
        scale.take(1);
        scale.take(Double.NaN);
        assertThat(scale.value()).isEqualTo(4);
        scale.take(1);
        scale.take(1);
        assertThat(scale.value()).isEqualTo(4);
        scale.take(1);
        assertThat(scale.value()).isEqualTo(8);
    }

    @Test
    void atOneThereIsNothingLeftToHalve() {
        LossScale scale = new LossScale(true, 2, 3);
        assertThat(scale.take(Double.NaN)).isFalse();
        assertThat(scale.value()).isEqualTo(1);
        assertThat(scale.take(Double.NaN)).as("the caller ends the run").isTrue();
    }

    @Test
    void otherPrecisionsKeepOne() {
        LossScale scale = new LossScale(false, 65536, 1);
        assertThat(scale.value()).isEqualTo(1);
        assertThat(scale.take(Double.NaN)).isTrue();
        scale.take(1);
        assertThat(scale.value()).isEqualTo(1);
    }

    @Test
    void aRestoredScaleGoesOnAlike() {
        LossScale ran = new LossScale(true, 4096, 4);
        for (double norm : new double[] {1, Double.NaN, 1, 1, 1}) {
            ran.take(norm);
        }
        LossScale resumed = new LossScale(true, 4096, 4);
        MemoryState.of(ran).into(resumed);
        assertThat(ran.take(1)).isEqualTo(resumed.take(1));
        assertThat(resumed.value()).isEqualTo(ran.value()).isEqualTo(4096);
        assertThat(resumed.skipped()).isEqualTo(1);
        new MemoryState().into(resumed);
        assertThat(resumed.skipped()).isZero();
    }
}
