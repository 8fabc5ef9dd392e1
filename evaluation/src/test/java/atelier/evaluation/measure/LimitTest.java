package atelier.evaluation.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitTest {
    private static final Map<String, Double> FIGURES = Map.of("style.share", 0.4, "kid", 0.30);

    @Test
    void aFigureBelowItsLeastIsSaid() {
        assertThat(Limit.parse("style.share >= 0.5").broken(FIGURES, null))
                .isEqualTo("style.share is 0.4 and must be at least 0.5");
        assertThat(Limit.parse("style.share >= 0.3").broken(FIGURES, null)).isNull();
    }

    @Test
    void aChangeIsCountedFromTheFirstRunAndHoldsAlone() {
        Limit limit = Limit.parse("kid change <= 0.01");
        assertThat(limit.broken(FIGURES, null)).isNull();
        assertThat(limit.broken(FIGURES, Map.of("kid", 0.2))).isEqualTo("kid (change) is 0.1 and must be at most 0.01");
        assertThat(limit.broken(FIGURES, Map.of("kid", 0.295))).isNull();
    }

    @Test
    void aLimitThatNamesNoFigureOrHasNoFormSaysSo() {
        assertThatThrownBy(() -> Limit.parse("kids <= 1").broken(FIGURES, null)).hasMessageContaining("kids");
        assertThatThrownBy(() -> Limit.parse("kid < 1")).hasMessageContaining("a limit reads");
    }
}
