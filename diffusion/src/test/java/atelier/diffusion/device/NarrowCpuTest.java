package atelier.diffusion.device;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.Golden;
import atelier.diffusion.SharedKernels;
import atelier.diffusion.device.DeviceCases.Bounds;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Prepack;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.weights.name.Component;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The CPU in bf16, which rounds to three digits, and with 8-bit integers: a wrong kernel is off by more. fp32 has tests
 * of its own, and fp16 has no products there. Bounds are about twice the errors of a processor that has AVX-512 for
 * both: which single gradients nearly cancel changes with the order of additions.
 */
class NarrowCpuTest {
    private static final Kernels CPU = SharedKernels.CPU;
    private static final DeviceCases BF16 =
            new DeviceCases(CPU, Precision.BF16, new Bounds(0.05, 0.17, 0.75), new Bounds(0.2, 0.3, 1.5));
    private static final DeviceCases INT8 =
            new DeviceCases(CPU, Precision.INT8, new Bounds(0.1, 0.35, 1.8), new Bounds(0.2, 0.4, 6));

    /** With all weights packed. */
    @TestFactory
    List<DynamicTest> everyNetworkInBf16() {
        return BF16.all();
    }

    /** fp32 and a GPU pack nothing: only here do the other settings differ. */
    @TestFactory
    Stream<DynamicTest> adaptersInBf16WithFewerWeightsPacked() {
        SharedKernels.assumePacking();
        return Stream.of(Prepack.NONE, Prepack.FINE).flatMap(prepack -> BF16.adapters(prepack).stream());
    }

    /** Where two settings packed the same, trying both would say nothing. */
    @Test
    void eachSettingPacksMoreThanTheOneBefore() {
        SharedKernels.assumePacking();
        assertThat(packed(Prepack.NONE)).isZero();
        assertThat(packed(Prepack.FINE)).isPositive();
        assertThat(packed(Prepack.ALL)).isGreaterThan(packed(Prepack.FINE));
    }

    private static long packed(Prepack prepack) {
        LoadOptions options = new LoadOptions(Precision.BF16, Use.ADAPTERS, prepack);
        try (UNet unet = UNet.load(CPU, Golden.model("sd1").component(Component.UNET), options)) {
            return unet.layers().stream()
                    .filter(layer -> !layer.block().has(layer.local() + ".weight"))
                    .count();
        }
    }

    /** Text encoders and autoencoders too, which are not asked to compute so elsewhere. */
    @TestFactory
    List<DynamicTest> everyNetworkInInt8() {
        SharedKernels.assumeInt8();
        return INT8.all();
    }

    @TestFactory
    List<DynamicTest> adaptersInInt8WithOneLayout() {
        SharedKernels.assumeInt8();
        return INT8.adapters(Prepack.NONE);
    }
}
