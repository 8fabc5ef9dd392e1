package atelier.diffusion.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Builds of PyTorch without oneDNN get other kernel text: it must compile, and run where nothing is packed. */
class UnpackedKernelsTest {
    @Test
    void kernelsWithoutOneDnnCompileAndRun() {
        try (Kernels kernels = Kernels.load(Device.cpu(), List.of(), Execution.on(Device.cpu()), false);
                NDManager scope = kernels.manager().newSubManager();
                BlockTensors block = new BlockTensors()) {
            block.put("linear.weight", scope.create(new float[] {1, 2, 3, 4}, new Shape(2, 2)));
            try (Tape tape = Tape.inference(kernels, scope)) {
                Activation x = tape.input(scope.create(new float[] {5, 6}, new Shape(1, 2)));
                float[] y =
                        tape.apply(new Segment("projection", block), x).value().toFloatArray();
                assertThat(y).containsExactly(17, 39);
            }
            assertThat(kernels.one(scope, "packs_bf16").getBoolean()).isFalse();
        }
    }
}
