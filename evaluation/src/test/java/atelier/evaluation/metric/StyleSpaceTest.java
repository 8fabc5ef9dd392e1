package atelier.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.evaluation.features.Features;
import atelier.evaluation.features.Features.LayerStyle;
import atelier.evaluation.metric.StyleSpace.Statistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StyleSpaceTest {
    private static final int CHANNELS = 6;

    /** Channel 0 tells the styles apart; the others vary with the motif. */
    private static Features picture(double style, Random random) {
        float[] mean = new float[CHANNELS];
        float[] variance = new float[CHANNELS];
        float[] gram = new float[CHANNELS * CHANNELS];
        for (int i = 0; i < CHANNELS; i++) {
            mean[i] = (float) (i == 0 ? style + 0.1 * random.nextGaussian() : 5 * random.nextGaussian());
            variance[i] = 1;
        }
        for (int i = 0; i < CHANNELS; i++) {
            for (int j = 0; j < CHANNELS; j++) {
                gram[i * CHANNELS + j] = mean[i] * mean[j];
            }
        }
        return new Features(new float[] {1}, List.of(new LayerStyle("only", mean, variance, gram)));
    }

    private static List<Features> pictures(double style, long seed) {
        Random random = new Random(seed);
        List<Features> pictures = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            pictures.add(picture(style, random));
        }
        return pictures;
    }

    private static Map<String, List<Features>> styles() {
        Map<String, List<Features>> styles = new LinkedHashMap<>();
        styles.put("own", pictures(1, 1));
        styles.put("other", pictures(-1, 2));
        return styles;
    }

    @Test
    void whatVariesWithTheMotifDoesNotHideTheStyle() {
        StyleSpace space = new StyleSpace(Statistics.MOMENTS, styles());
        Random random = new Random(3);
        for (int i = 0; i < 20; i++) {
            assertThat(space.margin(picture(1, random), "own")).isPositive();
            assertThat(space.margin(picture(-1, random), "own")).isNegative();
        }
    }

    @Test
    void aStylesOwnPictureIsNotComparedWithItself() {
        StyleSpace space = new StyleSpace(Statistics.GRAM, styles());
        Features first = styles().get("own").get(0);
        assertThat(space.leftOut("own", 0)).isGreaterThan(space.distance(first, "own"));
        assertThat(space.names()).containsExactly("own", "other");
    }

    @Test
    void aStyleOfOnePictureIsRefused() {
        Map<String, List<Features>> styles = styles();
        styles.put("lonely", pictures(0, 4).subList(0, 1));
        assertThatThrownBy(() -> new StyleSpace(Statistics.MOMENTS, styles))
                .hasMessage("the style lonely needs at least two pictures");
    }
}
