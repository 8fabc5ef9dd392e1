package atelier.diffusion.tensor;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.Golden;
import atelier.diffusion.noise.TorchRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels that only a GPU's way of computing uses, against those that they stand for. */
class FusedKernelsTest {
    private static NDArray random(NDManager scope, long seed, long... shape) {
        Shape size = new Shape(shape);
        return scope.create(new TorchRandom(seed).normal((int) size.size()), size);
    }

    @ParameterizedTest
    @CsvSource({"3, 1, 1, 8, 6", "3, 2, 1, 8, 6", "3, 2, 1, 7, 9", "3, 2, 0, 9, 9", "1, 1, 0, 5, 4"})
    void aKernelsGradientFromWindowsAndAnInputsFromATransposedConvolution(
            int side, int stride, int padding, int height, int width) {
        try (NDManager scope = CPU.manager().newSubManager()) {
            NDArray x = random(scope, 1, 2, 5, height, width);
            NDArray w = random(scope, 2, 3, 5, side, side);
            NDArray y = CPU.one(scope, "conv_plain", x, w, random(scope, 3, 3), stride, padding);
            NDArray g = random(scope, 4, y.getShape().getShape());
            float[] kernel = CPU.one(scope, "weight_grad_in_order", x, w, g, stride, padding)
                    .toFloatArray();
            float[] input =
                    CPU.one(scope, "conv_transposed", x, w, g, stride, padding).toFloatArray();
            assertThat(Golden.relativeError(
                            kernel,
                            CPU.one(scope, "conv_weight_grad", x, w, g, stride, padding)
                                    .toFloatArray()))
                    .isLessThan(1e-5);
            assertThat(Golden.relativeError(
                            input,
                            CPU.one(scope, "conv_input_grad", x, w, g, stride, padding)
                                    .toFloatArray()))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void tensorsLaidIntoOneKeepTheirValuesAndFollowIt() {
        try (NDManager scope = CPU.manager().newSubManager()) {
            List<NDArray> tensors = List.of(random(scope, 1, 16, 32), random(scope, 2, 16, 32), random(scope, 3, 7));
            float[] first = tensors.get(0).toFloatArray();
            float[] last = tensors.get(2).toFloatArray();
            FlatBuffer flat = FlatBuffer.of(CPU, scope, tensors);
            assertThat(tensors.get(0).toFloatArray()).isEqualTo(first);
            assertThat(tensors.get(2).toFloatArray()).isEqualTo(last);
            assertThat(flat.whole().size()).isEqualTo(512 + 512 + 256);

            CPU.run("scale_all", new NDList(flat.whole()), 2.0);
            assertThat(tensors.get(0).toFloatArray()[5]).isEqualTo(2 * first[5]);
            NDArray both = flat.stacked(scope, tensors.subList(0, 2));
            assertThat(both).isNotNull();
            assertThat(both.getShape()).isEqualTo(new Shape(32, 32));
            assertThat(flat.run(scope, List.of(tensors.get(1), tensors.get(0)))).isNull();
            assertThat(flat.stacked(scope, tensors.subList(1, 3))).isNull();
        }
    }
}
