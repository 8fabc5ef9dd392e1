package atelier.diffusion.device;

import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.Device;
import ai.djl.engine.Engine;
import atelier.diffusion.device.DeviceCases.Bounds;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Precision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** A CUDA GPU in fp32, fp16 and bf16: {@code mvn verify -Pcuda -Dgroups=gpu} on a machine that has one. */
@Tag("gpu")
class GpuTest {
    @TestFactory
    List<DynamicTest> everyNetworkInEachPrecision() {
        if (Engine.getEngine("PyTorch").getGpuCount() == 0) {
            String reason = "no CUDA GPU, or the libraries are the CPU's: build with -Pcuda";
            return List.of(dynamicTest("a GPU", () -> assumeTrue(false, reason)));
        }
        Kernels kernels = Kernels.load(Device.gpu());
        List<DynamicTest> tests = new ArrayList<>();
        // TF32 has 10 bits of mantissa, as fp16 has.
        Bounds ten = new Bounds(0.02, 0.04, 0.1);
        Bounds tenCancelling = new Bounds(0.03, 0.04, 0.64);
        tests.addAll(new DeviceCases(kernels, Precision.FP32, ten, tenCancelling).all());
        tests.addAll(new DeviceCases(kernels, Precision.FP16, ten, tenCancelling).all());
        tests.addAll(
                new DeviceCases(kernels, Precision.BF16, new Bounds(0.1, 0.2, 0.5), new Bounds(0.15, 0.2, 3.2)).all());
        return tests;
    }
}
