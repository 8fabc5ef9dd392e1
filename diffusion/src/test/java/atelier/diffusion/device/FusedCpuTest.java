package atelier.diffusion.device;

import ai.djl.Device;
import atelier.diffusion.device.DeviceCases.Bounds;
import atelier.diffusion.tensor.Execution;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions.Prepack;
import atelier.diffusion.tensor.Precision;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * How blocks run on a GPU, run on the CPU: all of it but the fused attention operators, which CUDA alone has. In fp32
 * against diffusers and PEFT as closely as the CPU's own way.
 */
class FusedCpuTest {
    private static final Kernels FUSED = Kernels.load(Device.cpu(), List.of(), new Execution(true, false));

    @TestFactory
    List<DynamicTest> everyNetworkInFp32() {
        Bounds close = new Bounds(1e-4, 1e-4, 1e-4);
        return new DeviceCases(FUSED, Precision.FP32, close, close).all();
    }

    @TestFactory
    List<DynamicTest> everyNetworkInBf16() {
        Bounds rounded = new Bounds(0.05, 0.17, 0.75);
        return new DeviceCases(FUSED, Precision.BF16, rounded, new Bounds(0.2, 0.3, 2.5)).adapters(Prepack.NONE);
    }
}
