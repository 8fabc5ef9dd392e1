package atelier.evaluation.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atelier.common.error.WrongCommandException;
import atelier.inference.sampler.schedule.SamplerKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationSettingsTest {
    static EvaluationSettings settings(int seeds, double halfWidth) {
        return new EvaluationSettings(
                List.of(0.0, 1.0),
                50,
                seeds,
                halfWidth,
                1,
                List.of("picture"),
                1,
                SamplerKind.DDIM,
                20,
                4,
                4,
                null,
                List.of(),
                null,
                null,
                null,
                null,
                0,
                4,
                200,
                0.95,
                List.of(),
                false,
                List.of());
    }

    @Test
    void asFewPicturesAreDrawnAsTheIntervalNeeds() {
        // 1.96 sqrt(1/4 (1 + (s - 1) / 2) / (50 s)) is 0.120 for two, 0.113 for three and 0.110 for four pictures.
        assertThat(settings(4, 0).expectedHalfWidth(50, 2)).isCloseTo(0.1200, within(1e-4));
        assertThat(settings(4, 0).expectedHalfWidth(50, 4)).isCloseTo(0.1096, within(1e-4));
        assertThat(settings(4, 0.125).seedsOf(50)).isEqualTo(2);
        assertThat(settings(4, 0.115).seedsOf(50)).isEqualTo(3);
        assertThat(settings(4, 0.05).seedsOf(50)).isEqualTo(4);
        assertThat(settings(4, 0.5).seedsOf(50)).isEqualTo(2);
        assertThat(settings(1, 0.125).seedsOf(50)).isEqualTo(1);
        assertThat(settings(4, 0).seedsOf(50)).isEqualTo(4);
    }

    @Test
    void onePictureIsTooFew() {
        settings(4, 0).requireSeveral(1);
        settings(1, 0).requireSeveral(2);
        assertThatThrownBy(() -> settings(1, 0).requireSeveral(1))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("evaluation.prompts and evaluation.seeds must give at least 2 pictures");
    }

    @Test
    void aHalfWidthIsAShare() {
        assertThatThrownBy(() -> settings(4, 12))
                .hasMessageContaining("evaluation.half_width must be at least 0 and less than 1, got 12");
    }
}
