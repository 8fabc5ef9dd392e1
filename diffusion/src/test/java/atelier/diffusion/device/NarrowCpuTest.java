package atelier.diffusion.device;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import atelier.diffusion.SharedKernels;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Precision;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The CPU in bf16, which rounds to three digits, and with 8-bit integers: a wrong kernel is off by more. fp32 has tests of its own, and fp16 has no products there. */
class NarrowCpuTest {
    @TestFactory
    List<DynamicTest> everyNetworkInBf16() {
        return new DeviceCases(SharedKernels.CPU, Precision.BF16, 0.1, 0.2).all();
    }

    /** Text encoders and autoencoders too, which are not asked to compute so elsewhere. */
    @TestFactory
    List<DynamicTest> everyNetworkInInt8() {
        Kernels kernels = SharedKernels.CPU;
        assumeTrue(
                kernels.one(kernels.manager(), "packs_bf16").getBoolean(),
                "this processor has no AVX-512 for integers");
        return new DeviceCases(SharedKernels.CPU, Precision.INT8, 0.1, 0.3).all();
    }
}
