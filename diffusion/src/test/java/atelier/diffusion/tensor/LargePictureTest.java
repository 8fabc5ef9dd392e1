package atelier.diffusion.tensor;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A residual block of a picture so large that, drawing, its first convolution is made some rows at a time. */
class LargePictureTest {
    private static final int CHANNELS = 64;

    /** Recording, the block makes it whole. The height is no multiple of the rows that a part has. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void partsOfAPictureMakeTheWhole(boolean transformed) {
        try (NDManager scope = CPU.manager().newSubManager();
                BlockTensors block = block(scope)) {
            NDArray picture =
                    scope.randomNormal(new Shape(1, 1100, 954, CHANNELS)).transpose(0, 3, 1, 2);
            assertThat(picture.size()).isGreaterThan(1 << 26);
            if (transformed) {
                NDArray kernel = block.remove("conv1.weight");
                block.put("conv1.winograd", CPU.one(scope, "winograd_kernel", kernel, Precision.FP32.code()));
            }
            NDArray whole =
                    CPU.call(scope, "resnet", block, new NDList(picture), true).get(0);
            NDArray parts =
                    CPU.call(scope, "resnet", block, new NDList(picture), false).get(0);
            assertThat(whole.abs().mean().getFloat()).isGreaterThan(0.1f);
            assertThat(parts.sub(whole).abs().max().getFloat()).isLessThan(1e-4f);
        }
    }

    private static BlockTensors block(NDManager scope) {
        BlockTensors block = new BlockTensors().number("groups", 4).number("eps", 1e-5);
        block.put("norm1.weight", scope.randomNormal(new Shape(CHANNELS)));
        block.put("norm1.bias", scope.randomNormal(new Shape(CHANNELS)));
        block.put("conv1.weight", scope.randomNormal(new Shape(4, CHANNELS, 3, 3)));
        block.put("conv1.bias", scope.randomNormal(new Shape(4)));
        block.put("norm2.weight", scope.ones(new Shape(4)));
        block.put("norm2.bias", scope.zeros(new Shape(4)));
        block.put("conv2.weight", scope.randomNormal(new Shape(4, 4, 3, 3)));
        block.put("conv2.bias", scope.zeros(new Shape(4)));
        block.put("shortcut.weight", scope.randomNormal(new Shape(4, CHANNELS, 1, 1)));
        block.put("shortcut.bias", scope.zeros(new Shape(4)));
        return block;
    }
}
