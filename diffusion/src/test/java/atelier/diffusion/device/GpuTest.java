package atelier.diffusion.device;

import ai.djl.Device;
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
        RequiredGpu.find();
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
