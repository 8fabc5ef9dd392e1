package atelier.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.evaluation.measure.EvaluationGolden;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Against torchmetrics and vendi-score: see scripts/conformance/evaluation/figures.py. */
class MetricsGoldenTest {
    private static final EvaluationGolden GOLDEN = EvaluationGolden.file("metrics.safetensors");
    private static final Offset<Double> NEAR = Offset.offset(1e-4);

    private final float[][] x = GOLDEN.rows("in.x");
    private final float[][] y = GOLDEN.rows("in.y");

    @Test
    void kernelDistanceIsTorchmetrics() {
        float[][] asMany = Arrays.copyOf(x, y.length);
        assertThat(KernelDistance.of(asMany, y, KernelDistance.POLYNOMIAL)).isCloseTo(GOLDEN.number("out.kid"), NEAR);
        assertThat(KernelDistance.of(x, y, KernelDistance.POLYNOMIAL)).isCloseTo(GOLDEN.number("out.kid_uneven"), NEAR);
    }

    @Test
    void subsetsOfEverythingAreTheWholeDistance() {
        float[][] asMany = Arrays.copyOf(x, y.length);
        assertThat(KernelDistance.subsets(asMany, y, KernelDistance.POLYNOMIAL, 30, 3, 1)
                        .value())
                .isCloseTo(GOLDEN.number("out.kid"), NEAR);
    }

    @Test
    void effectiveNumberOfPicturesIsVendiScores() {
        assertThat(Diversity.vendi(x)).isCloseTo(GOLDEN.number("out.vendi"), NEAR);
        float[][] alike = {{1, 2}, {1, 2}, {2, 4}};
        assertThat(Diversity.vendi(alike)).isCloseTo(1, NEAR);
        assertThat(Diversity.spread(alike)).isCloseTo(0, NEAR);
    }

    @Test
    void everyRealPictureIsCoveredByItself() {
        assertThat(Diversity.coverage(x, x, 5)).isEqualTo(1);
        assertThat(Diversity.coverage(x, new float[][] {far()}, 5)).isEqualTo(0);
    }

    private float[] far() {
        float[] far = new float[x[0].length];
        Arrays.fill(far, 1000);
        return far;
    }

    @Test
    void aPictureRanksItsOwnCaptionFirstAndOthersBehind() {
        Retrieval retrieval = new Retrieval();
        retrieval.add("fox", new float[] {1, 0, 0});
        retrieval.add("owl", new float[] {0, 1, 0});
        retrieval.add("owl", new float[] {0, 0, 1});
        float[] drawn = {0.1f, 0.2f, 1};
        assertThat(retrieval.rank(drawn, "owl")).isEqualTo(1);
        assertThat(retrieval.rank(drawn, "fox")).isEqualTo(2);
        assertThat(retrieval.captions()).isEqualTo(2);
    }

    @Test
    void aWordThatNeutralPromptsBringTooOftenIsShifted() {
        Skew skew = new Skew(
                List.of("red fox", "green owl", "green frog", "blue bird"),
                List.of(new float[] {1, 0, 0, 0}, new float[] {0, 1, 0, 0}, new float[] {0, 0, 1, 0}, new float[] {
                    0, 0, 0, 1
                }),
                0.95);
        List<float[]> drawn = Collections.nCopies(20, new float[] {1, 0.1f, 0, 0});
        List<Skew.Word> words = skew.count(drawn, List.of("green"), 2);
        assertThat(words).extracting(Skew.Word::word).contains("red", "fox", "green");
        Skew.Word red = words.stream()
                .filter(word -> word.word().equals("red"))
                .findFirst()
                .orElseThrow();
        assertThat(red.captions()).isEqualTo(0.25);
        assertThat(red.drawn().value()).isEqualTo(1);
        assertThat(red.shifted()).isTrue();
    }
}
