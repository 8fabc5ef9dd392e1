package atelier.diffusion.tensor;

import static atelier.diffusion.SharedKernels.CPU;
import static atelier.diffusion.SharedKernels.assumePacking;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.LoadOptions.Prepack;
import atelier.diffusion.tensor.LoadOptions.Use;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which convolutions over few pixels are laid out for oneDNN when a network is loaded. */
class PackedLayersTest {
    private static final TorchRandom RANDOM = new TorchRandom(3);

    /** Going back, a layer's inputs are what the outputs are forward. */
    @ParameterizedTest
    @CsvSource({
        "64, 128, 3, INFERENCE, true",
        "64, 192, 3, INFERENCE, false",
        "64, 768, 3, INFERENCE, false",
        "64, 816, 3, INFERENCE, true",
        "64, 192, 1, INFERENCE, true",
        "192, 64, 3, INFERENCE, true",
        "192, 64, 3, ADAPTERS, false",
        "64, 128, 3, ADAPTERS, true"
    })
    void layoutsSuitEverySizeOfPicture(int inputs, int outputs, int kernel, Use use, boolean expected) {
        assumePacking();
        float[] weight = RANDOM.normal(outputs * inputs * kernel * kernel);
        LoadOptions options = new LoadOptions(Precision.BF16, use, Prepack.ALL, 16);
        try (NDManager scope = CPU.manager().newSubManager()) {
            Layer layer =
                    new OneLayer(CPU, scope, options).convolution(weight, inputs, outputs, kernel, 1, Group.RESNETS, 0);
            try (BlockTensors block = layer.block()) {
                assertThat(block.has(kernel == 1 ? "l.packed_matrix" : "l.packed_kernel"))
                        .isEqualTo(expected);
                assertThat(block.has("l.weight")).isNotEqualTo(expected);
            }
        }
    }
}
