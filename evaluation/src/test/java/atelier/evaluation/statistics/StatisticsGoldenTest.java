package atelier.evaluation.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.evaluation.measure.EvaluationGolden;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Against SciPy and scikit-learn: see scripts/conformance/evaluation/figures.py. */
class StatisticsGoldenTest {
    private static final EvaluationGolden GOLDEN = EvaluationGolden.file("metrics.safetensors");
    private static final Offset<Double> NEAR = Offset.offset(1e-4);

    private final double[] values = GOLDEN.doubles("in.values");
    private final Bootstrap bootstrap = Bootstrap.of(draws(), 0.95);

    private static int[][] draws() {
        float[][] rows = GOLDEN.rows("in.draws");
        int[][] draws = new int[rows.length][rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                draws[i][j] = (int) rows[i][j];
            }
        }
        return draws;
    }

    @Test
    void percentileIntervalIsSciPys() {
        assertEnds(bootstrap.mean(values), "out.bootstrap_percentile");
    }

    @Test
    void signFlipsAreSciPysExactPermutationTest() {
        assertThat(PairedTest.signFlips(GOLDEN.doubles("in.differences"), 0))
                .isCloseTo(GOLDEN.number("out.sign_flips"), NEAR);
    }

    @Test
    void manySignFlipsComeNearTheExactValue() {
        double[] few = GOLDEN.doubles("in.differences");
        double[] twice = new double[2 * few.length];
        System.arraycopy(few, 0, twice, 0, few.length);
        System.arraycopy(few, 0, twice, few.length, few.length);
        assertThat(PairedTest.signFlips(twice, 1)).isBetween(1e-4, 0.49).isEqualTo(PairedTest.signFlips(twice, 1));
    }

    @Test
    void holmsCorrectionIsMonotone() {
        double[] found = PairedTest.holm(GOLDEN.doubles("in.p"));
        double[] expected = GOLDEN.doubles("out.holm");
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], NEAR);
        }
    }

    @Test
    void intervalsOfSharesAreSciPys() {
        for (int[] share : new int[][] {{0, 20}, {3, 17}, {12, 12}}) {
            String name = share[0] + "_" + share[1];
            assertEnds(Rates.wilson(share[0], share[1], 0.95), "out.wilson_" + name);
            assertEnds(Rates.exact(share[0], share[1], 0.95), "out.exact_" + name);
        }
    }

    private static void assertEnds(Interval found, String name) {
        double[] expected = GOLDEN.doubles(name);
        assertThat(found.low()).isCloseTo(expected[0], NEAR);
        assertThat(found.high()).isCloseTo(expected[1], NEAR);
    }
}
