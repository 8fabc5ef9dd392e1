package atelier.trainer.listen;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.trainer.state.MemoryState;
import org.junit.jupiter.api.Test;

class BestLossTest {
    @Test
    void theLeastIsTheBestAndEqualOrBrokenLossesAreNot() {
        BestLoss best = new BestLoss();
        assertThat(best.step()).isEmpty();
        assertThat(best.take(10, 0.5)).isTrue();
        assertThat(best.take(20, 0.5)).isFalse();
        assertThat(best.take(30, Double.NaN)).isFalse();
        assertThat(best.since()).isEqualTo(2);
        assertThat(best.take(40, 0.4)).isTrue();
        assertThat(best.since()).isZero();
        assertThat(best.step()).hasValue(40);
    }

    @Test
    void aRestoredOneKnowsTheSame() {
        BestLoss ran = new BestLoss();
        BestLoss resumed = new BestLoss();
        MemoryState.of(ran).into(resumed);
        assertThat(resumed.step()).isEmpty();
        ran.take(10, 0.1 + 0.2);
        ran.take(20, 0.7);
        MemoryState.of(ran).into(resumed);
        assertThat(resumed.since()).isEqualTo(1);
        assertThat(resumed.take(30, 0.1 + 0.2)).as("not less").isFalse();
        assertThat(resumed.take(40, 0.3)).isTrue();
    }
}
