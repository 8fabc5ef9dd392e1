package atelier.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atelier.common.error.WorkFailedException;
import atelier.evaluation.metric.StyleCheck.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StyleDiscriminantTest {
    private static final int WIDTH = 60;

    /** Three traits of the motif move all statistics by far more than the style does, which raises and lowers them in turn. */
    private static double[] picture(double style, Random random) {
        double[] motif = {5 * random.nextGaussian(), 5 * random.nextGaussian(), 5 * random.nextGaussian()};
        double[] values = new double[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            values[i] = (i % 2 == 0 ? 0.5 : -0.5) * style + random.nextGaussian();
            for (int k = 0; k < motif.length; k++) {
                values[i] += Math.sin(7 * k + 3 * i * (k + 1)) * motif[k];
            }
        }
        return values;
    }

    private static List<double[]> pictures(double style, int count, long seed) {
        Random random = new Random(seed);
        List<double[]> pictures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pictures.add(picture(style, random));
        }
        return pictures;
    }

    private static Map<String, List<double[]>> styles() {
        Map<String, List<double[]>> styles = new LinkedHashMap<>();
        styles.put("own", pictures(1, 60, 1));
        styles.put("other", pictures(-1, 40, 2));
        styles.put("third", pictures(-3, 40, 3));
        return styles;
    }

    private static double share(StyleDiscriminant discriminant, double style, int column) {
        List<double[]> judged = pictures(style, 200, 9);
        return judged.stream()
                        .map(discriminant::distances)
                        .filter(distances -> nearest(distances) == column)
                        .count()
                / (double) judged.size();
    }

    private static int nearest(double[] distances) {
        int best = 0;
        for (int i = 1; i < distances.length; i++) {
            if (distances[i] < distances[best]) {
                best = i;
            }
        }
        return best;
    }

    @Test
    void aStyleIsToldByWhatTheMotifLeavesAlone() {
        StyleDiscriminant discriminant = new StyleDiscriminant(styles());
        assertThat(discriminant.names()).containsExactly("own", "other", "third");
        assertThat(share(discriminant, 1, 0)).isGreaterThan(0.95);
        assertThat(share(discriminant, -1, 1)).isGreaterThan(0.95);
        assertThat(share(discriminant, -3, 2)).isGreaterThan(0.95);
        double[] distances = discriminant.distances(picture(1, new Random(5)));
        assertThat(StyleDiscriminant.lead(distances))
                .isCloseTo(Math.min(distances[1], distances[2]) - distances[0], within(1e-12))
                .isPositive();
    }

    @Test
    void distancesDifferAsMahalanobisOnesUnderLedoitAndWolfsCovariance() {
        Map<String, List<double[]>> styles = new LinkedHashMap<>();
        styles.put("a", List.of(new double[] {0, 0}, new double[] {2, 1}, new double[] {1, 5}, new double[] {-1, 2}));
        styles.put("b", List.of(new double[] {4, 1}, new double[] {6, 3}, new double[] {5, 2.5}));
        double[] x = {1.5, -0.5};
        double[] found = new StyleDiscriminant(styles).distances(x);

        double[][] means = {{0.5, 2}, {5, 6.5 / 3}};
        List<double[]> residuals = new ArrayList<>();
        int style = 0;
        for (List<double[]> own : styles.values()) {
            for (double[] each : own) {
                residuals.add(new double[] {each[0] - means[style][0], each[1] - means[style][1]});
            }
            style++;
        }
        int n = 7;
        int freedom = 5;
        double[] deviation = new double[2];
        for (int i = 0; i < 2; i++) {
            int at = i;
            deviation[i] =
                    Math.sqrt(residuals.stream().mapToDouble(r -> r[at] * r[at]).sum() / freedom);
        }
        double xx = 0;
        double xy = 0;
        double yy = 0;
        double fourth = 0;
        for (double[] r : residuals) {
            double u = r[0] / deviation[0];
            double v = r[1] / deviation[1];
            xx += u * u / n;
            xy += u * v / n;
            yy += v * v / n;
            fourth += Math.pow(u * u + v * v, 2) / n;
        }
        double m = (xx + yy) / 2;
        double squares = xx * xx + 2 * xy * xy + yy * yy;
        double spread = squares / 2 - m * m;
        double l = Math.min((fourth - squares) / n / 2, spread) / spread;
        double a = ((1 - l) * xx + l * m) * n / freedom;
        double b = (1 - l) * xy * n / freedom;
        double d = ((1 - l) * yy + l * m) * n / freedom;
        double[] expected = new double[2];
        for (int i = 0; i < 2; i++) {
            double u = (x[0] - means[i][0]) / deviation[0];
            double v = (x[1] - means[i][1]) / deviation[1];
            expected[i] = (d * u * u - 2 * b * u * v + a * v * v) / (a * d - b * b);
        }
        assertThat(found[1] * found[1] - found[0] * found[0]).isCloseTo(expected[1] - expected[0], within(1e-9));
    }

    @Test
    void aStylesMeanIsAtNoDistanceFromIt() {
        Map<String, List<double[]>> styles = styles();
        double[] mean = new double[WIDTH];
        List<double[]> other = styles.getOrDefault("other", List.of());
        other.forEach(each -> {
            for (int i = 0; i < WIDTH; i++) {
                mean[i] += each[i] / other.size();
            }
        });
        double[] distances = new StyleDiscriminant(styles).distances(mean);
        assertThat(distances[1]).isCloseTo(0, within(1e-3));
        assertThat(distances[0]).isGreaterThan(1);
    }

    @Test
    void realPicturesShowWhatTheMeasureKnows() {
        StyleCheck check = StyleCheck.of(samples(1, -1), List.of());
        assertThat(check.own()).hasSize(48);
        assertThat(check.foreign()).isEqualTo(48);
        assertThat(check.known()).isGreaterThanOrEqualTo(46);
        assertThat(check.mistaken()).isLessThanOrEqualTo(2);
        assertThat(check.toOwn(1)).hasSize(48);
    }

    @Test
    void twoStylesThatAreOneAreKnownByChanceAlone() {
        StyleCheck check = StyleCheck.of(samples(1, 1), List.of());
        assertThat(check.known() / 48.0).isBetween(0.25, 0.75);
        assertThat(check.mistaken() / 48.0).isBetween(0.25, 0.75);
    }

    @Test
    void heldOutPicturesAreJudgedInPlaceOfReferences() {
        List<Sample> heldOut = samples(-1, -1).getOrDefault("own", List.of()).subList(0, 20);
        StyleCheck check = StyleCheck.of(samples(1, -1), heldOut);
        assertThat(check.own()).hasSize(20);
        assertThat(check.known()).isLessThanOrEqualTo(1);
    }

    private static Map<String, List<Sample>> samples(double own, double other) {
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        samples.put("own", samples(pictures(own, 48, 11)));
        samples.put("other", samples(pictures(other, 48, 12)));
        return samples;
    }

    private static List<Sample> samples(List<double[]> pictures) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i++) {
            samples.add(new Sample("motif " + i, pictures.get(i)));
        }
        return samples;
    }

    @Test
    void oneStyleAloneIsRefused() {
        assertThatThrownBy(() -> new StyleDiscriminant(Map.of("own", pictures(1, 5, 1))))
                .isInstanceOf(WorkFailedException.class)
                .hasMessageContaining("styles are told apart from two on");
    }
}
