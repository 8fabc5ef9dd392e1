package atelier.diffusion.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.Golden;
import atelier.diffusion.SharedKernels;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.Layer.Kind;
import atelier.diffusion.tensor.LoadOptions.Prepack;
import atelier.diffusion.tensor.LoadOptions.Use;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers whose weights are 8-bit integers in training: with one layout for each way, or with one for both. */
class Int8LayersTest {
    private static final Kernels KERNELS = Kernels.load(Device.cpu(), List.of("/kernels/single_layer.py"));
    private static final TorchRandom RANDOM = new TorchRandom(17);
    private static final int CHANNELS = 64;
    /** Of an integer's 256 steps in a normal variable's range. */
    private static final double ROUNDING = 0.015;

    private final float[] kernels = RANDOM.normal(CHANNELS * CHANNELS * 9);
    private final NDManager scope = KERNELS.manager().newSubManager();
    private final List<BlockTensors> blocks = new ArrayList<>();

    @BeforeEach
    void assumeInt8() {
        SharedKernels.assumeInt8();
    }

    @AfterEach
    void free() {
        blocks.forEach(BlockTensors::close);
        scope.close();
    }

    @ParameterizedTest
    @CsvSource({"NONE, 0, false", "FINE, 1, true", "FINE, 2, false", "ALL, 2, true"})
    void theWayBackHasALayoutWhereManyPixelsUseIt(Prepack prepack, int halvings, boolean expected) {
        BlockTensors block =
                convolution(Precision.INT8, prepack, 3, 1, halvings).block();
        assertThat(block.has("l.int8_kernel")).isTrue();
        assertThat(block.has("l.int8_kernel_back")).isEqualTo(expected);
        assertThat(block.has("l.weight")).isFalse();
    }

    @Test
    void halvingConvolutionsStayAsTheyAreWhateverIsPacked() {
        for (Prepack prepack : Prepack.values()) {
            Layer layer = convolution(Precision.INT8, prepack, 3, 2, 0);
            assertThat(layer.block().has("l.weight")).isTrue();
        }
    }

    /** Sides of 4 and 16 pixels take another way than one of 32, and one of 260 has its codes made by rows. */
    @ParameterizedTest
    @CsvSource({"3, 260", "3, 32", "3, 16", "3, 4", "1, 8"})
    void oneLayoutGivesAConvolutionsGradient(int kernel, int side) {
        long[] shape = {1, CHANNELS, side, side};
        compare((precision, prepack) -> convolution(precision, prepack, kernel, 1, 0), shape, shape);
    }

    /** Few outputs and many, since a layout of as many inputs as outputs would hide which way it lies. */
    @ParameterizedTest
    @CsvSource({"64, 64", "64, 160", "160, 64"})
    void oneLayoutGivesALinearLayersGradient(int inputs, int outputs) {
        float[] weight = RANDOM.normal(inputs * outputs);
        compare(
                (precision, prepack) ->
                        kept(new OneLayer(KERNELS, scope, options(precision, prepack)).linear(weight, inputs, outputs)),
                new long[] {1, 96, inputs},
                new long[] {1, 96, outputs});
    }

    private interface Loading {
        Layer layer(Precision precision, Prepack prepack);
    }

    private void compare(Loading loading, long[] input, long[] output) {
        float[] x = RANDOM.normal((int) new Shape(input).size());
        float[] slope = RANDOM.normal((int) new Shape(output).size());
        float[][] exact = run(loading.layer(Precision.FP32, Prepack.NONE), x, slope, input, output);
        float[][] both = run(loading.layer(Precision.INT8, Prepack.ALL), x, slope, input, output);
        float[][] one = run(loading.layer(Precision.INT8, Prepack.NONE), x, slope, input, output);
        assertThat(one[0]).isEqualTo(both[0]);
        assertThat(Golden.relativeError(one[0], exact[0])).isLessThan(2 * ROUNDING);
        assertThat(Golden.relativeError(both[1], exact[1])).isLessThan(2 * ROUNDING);
        assertThat(Golden.relativeError(one[1], exact[1])).isLessThan(ROUNDING);
    }

    private float[][] run(Layer layer, float[] x, float[] slope, long[] input, long[] output) {
        String name = layer.kind() == Kind.LINEAR ? "single_linear" : "single_conv";
        int code = layer.precision().code();
        try (Tape tape = Tape.recording(KERNELS, scope)) {
            NDArray given = tape.scope().create(x, new Shape(input));
            Activation start = tape.inputWithGradient(KERNELS.one(tape.scope(), "to_type", given, code));
            Activation y = tape.apply(new Segment(name, layer.block()), start.retain());
            float[] result = floats(y.value());
            NDArray gradient = tape.scope().create(slope, new Shape(output));
            tape.backward(y, KERNELS.one(tape.scope(), "to_type", gradient, code));
            try (NDArray found = tape.gradient(start)) {
                return new float[][] {result, floats(found)};
            }
        }
    }

    private Layer convolution(Precision precision, Prepack prepack, int kernel, int stride, int level) {
        float[] weight = Arrays.copyOf(kernels, CHANNELS * CHANNELS * kernel * kernel);
        return kept(new OneLayer(KERNELS, scope, options(precision, prepack))
                .convolution(weight, CHANNELS, CHANNELS, kernel, stride, Group.RESNETS, level));
    }

    private Layer kept(Layer layer) {
        blocks.add(layer.block());
        return layer;
    }

    private static LoadOptions options(Precision precision, Prepack prepack) {
        return new LoadOptions(precision, Use.ADAPTERS, prepack, 4096);
    }

    private float[] floats(NDArray array) {
        return KERNELS.one(scope, "to_type", array, Precision.FP32.code()).toFloatArray();
    }
}
