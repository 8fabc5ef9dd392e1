package atelier.evaluation.features;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import atelier.common.image.Pixels;
import atelier.diffusion.tensor.Kernels;
import atelier.evaluation.measure.EvaluationGolden;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class EfficientNetGoldenTest {
    private static final int SIDE = 128;
    private static final double TOLERANCE = 1e-4;

    @Test
    void featuresAreThoseOfTheOriginalNetwork() throws IOException {
        EvaluationGolden golden = EvaluationGolden.file("features/features.safetensors");
        byte[] bytes = golden.bytes("in.pictures");
        List<Pixels> pictures = new ArrayList<>();
        int size = 3 * SIDE * SIDE;
        for (int i = 0; i < bytes.length / size; i++) {
            pictures.add(new Pixels(SIDE, SIDE, Arrays.copyOfRange(bytes, i * size, (i + 1) * size)));
        }
        try (Kernels kernels = Kernels.load(Device.cpu(), List.of(EfficientNetLite0.KERNELS));
                EfficientNetLite0 network = EfficientNetLite0.load(kernels)) {
            int arrays = kernels.manager().getManagedArrays().size();
            List<Features> features = network.features(pictures);
            float[][] embeddings = golden.rows("out.embedding");
            for (int i = 0; i < pictures.size(); i++) {
                assertNear(features.get(i).embedding(), embeddings[i], 1);
                for (Features.LayerStyle layer : features.get(i).style()) {
                    assertStyle(golden, layer, i, pictures.size());
                }
            }
            assertThat(features.get(0).style()).hasSize(5);
            assertThat(kernels.manager().getManagedArrays()).hasSize(arrays);
        }
    }

    private static void assertStyle(EvaluationGolden golden, Features.LayerStyle layer, int i, int count) {
        String name = "out." + layer.layer();
        // Squares of values up to 75 carry fp32's rounding with them: the tolerance is of the largest value.
        assertNear(layer.mean(), part(golden.floats(name + ".mean"), i, count), 0);
        assertNear(layer.variance(), part(golden.floats(name + ".variance"), i, count), 0);
        assertNear(layer.gram(), part(golden.floats(name + ".gram"), i, count), 0);
    }

    private static float[] part(float[] values, int i, int count) {
        int width = values.length / count;
        return Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }

    private static void assertNear(float[] found, float[] expected, double scale) {
        double largest = scale;
        for (float value : expected) {
            largest = scale == 0 ? Math.max(largest, Math.abs(value)) : scale;
        }
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i]).isCloseTo(expected[i], Offset.offset(TOLERANCE * Math.max(largest, 1e-3)));
        }
    }
}
