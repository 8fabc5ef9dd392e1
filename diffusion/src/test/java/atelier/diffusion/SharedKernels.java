package atelier.diffusion;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import atelier.diffusion.tensor.Kernels;

/** One set of CPU kernels for all tests of a process. */
public final class SharedKernels {
    public static final Kernels CPU = Kernels.load(Device.cpu());

    private SharedKernels() {}

    /** Skips a test of packed weights where the processor packs none. */
    public static void assumePacking() {
        assume("packs_bf16", "this processor has no AVX-512");
    }

    /** Skips a test of 8-bit weights where the processor cannot compute with them. */
    public static void assumeInt8() {
        assume("adds_int8", "this processor adds no 8-bit products exactly");
    }

    private static void assume(String kernel, String otherwise) {
        try (NDArray able = CPU.one(CPU.manager(), kernel)) {
            assumeTrue(able.getBoolean(), otherwise);
        }
    }
}
