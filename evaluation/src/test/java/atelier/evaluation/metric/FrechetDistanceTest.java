package atelier.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import atelier.diffusion.tensor.Kernels;
import atelier.evaluation.measure.EvaluationGolden;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against SciPy's matrix root: see scripts/conformance/evaluation/given.py. */
class FrechetDistanceTest {
    @Test
    void distanceIsThatOfTheMatrixRoot() {
        EvaluationGolden golden = EvaluationGolden.file("features/networks.safetensors");
        float[][] x = golden.rows("in.x");
        float[][] y = golden.rows("in.y");
        double expected = golden.number("out.frechet");
        try (Kernels kernels = Kernels.load(Device.cpu(), List.of(FrechetDistance.KERNELS))) {
            assertThat(FrechetDistance.of(x, y, kernels)).isCloseTo(expected, within(1e-6 * expected));
            assertThat(FrechetDistance.of(y, x, kernels)).isCloseTo(expected, within(1e-6 * expected));
            assertThat(FrechetDistance.of(x, x, kernels)).isCloseTo(0, within(1e-9));
        }
    }
}
