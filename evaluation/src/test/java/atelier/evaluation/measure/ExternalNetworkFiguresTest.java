package atelier.evaluation.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import atelier.common.console.Progress;
import atelier.common.image.Pixels;
import atelier.diffusion.tensor.Kernels;
import atelier.evaluation.measure.References.Reference;
import atelier.evaluation.sampling.Drawings;
import atelier.evaluation.statistics.Vectors;
import atelier.inference.sampler.schedule.SamplerKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Figures of the user's own networks, with narrow ones. */
class ExternalNetworkFiguresTest {
    private static final Path FOLDER =
            EvaluationGolden.REPOSITORY.resolve("evaluation/src/test/resources/atelier/evaluation/features");
    private static final EvaluationGolden GOLDEN = EvaluationGolden.file("features/networks.safetensors");
    private static final int SIZE = 3 * 128 * 128;

    private final List<Pixels> pictures = List.of(picture(0), picture(1));
    private final List<Reference> references =
            pictures.stream().map(pixels -> new Reference("caption", pixels)).toList();

    private static Pixels picture(int place) {
        byte[] all = GOLDEN.bytes("in.pictures");
        return new Pixels(128, 128, Arrays.copyOfRange(all, place * SIZE, (place + 1) * SIZE));
    }

    @Test
    void csdIsTheMeanCosineToTheStyle() throws IOException {
        try (Kernels kernels = Kernels.load(Device.cpu(), Evaluation.KERNELS)) {
            ExternalNetworkFigures figures = figures(settings("csd"), kernels);
            List<Measure> measures = figures.measures(arms(), List.of("prompt"), references, references);
            assertThat(measures).extracting(Measure::key).containsExactly("csd.style");
            float[][] vectors = GOLDEN.rows("out.csd");
            double other = Vectors.cosine(vectors[0], vectors[1]);
            assertThat(measures.get(0).adapted().interval().value()).isCloseTo((1 + other) / 2, within(1e-3));
            assertThat(measures.get(0).title()).isEqualTo("CSD");
            assertThat(figures.facts().get("CSD")).contains("narrow-csd.pth");
        }
    }

    @Test
    void fidIsNotShownForFewPictures() throws IOException {
        try (Kernels kernels = Kernels.load(Device.cpu(), Evaluation.KERNELS)) {
            ExternalNetworkFigures figures = figures(settings("inception"), kernels);
            List<Measure> measures = figures.measures(arms(), List.of("prompt"), references, references);
            assertThat(measures).extracting(Measure::key).containsExactly("kid.inception");
            // Both sides are the same two pictures: 2 k(a, b) within them, less twice the mean of k over all four
            // pairs.
            float[][] v = GOLDEN.rows("out.inception");
            double expected = kernel(v[0], v[1]) - (kernel(v[0], v[0]) + kernel(v[1], v[1])) / 2;
            assertThat(measures.get(0).adapted().interval().value())
                    .isCloseTo(expected, within(1e-3 * Math.abs(expected)));
            assertThat(figures.facts().get("FID"))
                    .startsWith("not shown: 2 generations and 2 training pictures, and 2,048 of each are needed");
        }
    }

    @Test
    void withoutWeightsNoNetworkIsNamed() throws IOException {
        try (Kernels kernels = Kernels.load(Device.cpu(), Evaluation.KERNELS)) {
            ExternalNetworkFigures figures = figures(settings(""), kernels);
            assertThat(figures.measures(arms(), List.of("prompt"), references, references))
                    .isEmpty();
            assertThat(figures.facts()).isEmpty();
        }
    }

    @Test
    void aWrongFolderIsRefusedBeforeAnythingIsDrawn() {
        EvaluationSettings settings = settings(null, FOLDER.resolve("sscd"), null);
        assertThatThrownBy(() -> ExternalNetworkFigures.check(settings))
                .hasMessageContaining("evaluation.csd=")
                .hasMessageContaining("holds the network 'sscd', not csd");
    }

    /** KID's kernel. */
    private static double kernel(float[] a, float[] b) {
        double dot = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
        }
        return Math.pow(dot / a.length + 1, 3);
    }

    private static ExternalNetworkFigures figures(EvaluationSettings settings, Kernels kernels) throws IOException {
        ExternalNetworkFigures.check(settings);
        return new ExternalNetworkFigures(settings, kernels, Progress.silent());
    }

    private List<Strength> arms() {
        return List.of(arm(0), arm(1));
    }

    private Strength arm(double strength) {
        Drawings drawings = new Drawings(strength, List.of("prompt"), List.of(List.of(1L, 2L)), List.of(pictures));
        return new Strength(drawings, drawings, new double[0], List.of());
    }

    private static EvaluationSettings settings(String network) {
        Path folder = FOLDER.resolve(network);
        return settings(
                network.equals("sscd") ? folder : null,
                network.equals("csd") ? folder : null,
                network.equals("inception") ? folder : null);
    }

    private static EvaluationSettings settings(@Nullable Path sscd, @Nullable Path csd, @Nullable Path inception) {
        return new EvaluationSettings(
                List.of(0.0, 1.0),
                1,
                2,
                0,
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
                sscd,
                csd,
                inception,
                0,
                4,
                200,
                0.95,
                List.of(),
                false,
                List.of());
    }
}
