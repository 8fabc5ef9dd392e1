package atelier.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.evaluation.features.Features;
import atelier.evaluation.features.Features.LayerStyle;
import java.util.List;
import org.junit.jupiter.api.Test;

class StyleStatisticsTest {
    /** Two channels over four places: f = (1, 3, 1, 3), g = (2, 2, 0, 0) + f. */
    private static LayerStyle layer() {
        float[] mean = {2, 3};
        float[] variance = {1, 2};
        // f f^T / (C H W), C H W = 8: f.f = 20, f.g = 28, g.g = 44.
        float[] gram = {20 / 8f, 28 / 8f, 28 / 8f, 44 / 8f};
        return new LayerStyle("layer", mean, variance, gram);
    }

    @Test
    void aGramMatrixIsTakenApartIntoMeansDeviationsAndCorrelations() {
        double[] values = StyleStatistics.of(new Features(new float[] {1}, List.of(layer())));
        assertThat(values).hasSize(5);
        assertThat(values[0]).isEqualTo(2);
        assertThat(values[1]).isEqualTo(1);
        assertThat(values[2]).isEqualTo(3);
        assertThat(values[3]).isCloseTo(Math.sqrt(2), within(1e-9));
        // Covariance 28 / 4 - 6 = 1.
        assertThat(values[4]).isCloseTo(1 / Math.sqrt(2), within(1e-3));
    }

    @Test
    void wideLayersAreLeftOut() {
        LayerStyle wide = new LayerStyle("wide", new float[65], new float[65], new float[65 * 65]);
        assertThat(StyleStatistics.of(new Features(new float[] {1}, List.of(layer(), wide))))
                .hasSize(5);
    }
}
