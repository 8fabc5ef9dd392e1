package atelier.diffusion.tensor;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.Golden;
import atelier.diffusion.noise.TorchRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions with a transformed kernel against those with the kernel as it is. */
class WinogradTest {
    private static final TorchRandom RANDOM = new TorchRandom(11);

    private final NDManager scope = CPU.manager().newSubManager();
    private final List<BlockTensors> blocks = new ArrayList<>();

    @AfterEach
    void free() {
        blocks.forEach(BlockTensors::close);
        scope.close();
    }

    /** Odd sides leave half a tile, one pixel is less than a tile, and the last picture is worked off in parts. */
    @ParameterizedTest
    @CsvSource({"2, 8, 8", "1, 7, 10", "3, 2, 5", "1, 1, 1", "1, 140, 1030"})
    void residualBlocksAreTheSame(int pictures, int height, int width) {
        Map<String, NDArray> direct = residual();
        same(
                "resnet",
                direct,
                transformed(direct, Precision.FP32, "conv1", "conv2"),
                picture(32, pictures, height, width),
                1e-5);
    }

    @ParameterizedTest
    @CsvSource({"2, 8, 8", "1, 7, 10", "3, 1, 5", "1, 70, 520"})
    void doubledPicturesAreTheSame(int pictures, int height, int width) {
        Map<String, NDArray> direct = convolution("conv", 32, 24);
        same(
                "upsample",
                direct,
                transformed(direct, Precision.FP32, "conv"),
                picture(32, pictures, height, width),
                1e-5);
    }

    /** SDXL's and other pictures whose sides do not halve evenly are not doubled, but enlarged to what they came from. */
    @Test
    void picturesThatAreNotDoubledAreTheSame() {
        Map<String, NDArray> direct = convolution("conv", 32, 24);
        Activation like = Tape.inference(CPU, scope).input(picture(1, 1, 7, 9));
        same("upsample", direct, transformed(direct, Precision.FP32, "conv"), picture(32, 1, 4, 5), 1e-5, like);
    }

    /** A low-rank update sees the picture itself, whatever the frozen kernel makes of it. */
    @ParameterizedTest
    @CsvSource({"resnet", "upsample"})
    void adaptersAreAddedAsBefore(String kernel) {
        boolean residual = kernel.equals("resnet");
        String name = residual ? "conv1" : "conv";
        Map<String, NDArray> direct = residual ? residual() : convolution("conv", 32, 24);
        direct.put(name + ".down", random(0.1, 4, 32, 3, 3));
        direct.put(name + ".up", random(0.5, residual ? 48 : 24, 4, 1, 1));
        direct.put(name + ".scale", scope.create(2f));
        same(kernel, direct, transformed(direct, Precision.FP32, name), picture(32, 2, 6, 6), 1e-5);
    }

    /** In three digits: another order of rounding, no other result. */
    @Test
    void roundsLikeBf16() {
        Map<String, NDArray> direct = residual();
        Map<String, NDArray> rounded = transformed(direct, Precision.BF16, "conv1", "conv2");
        rounded.replaceAll((key, tensor) -> CPU.one(scope, "to_type", tensor, Precision.BF16.code()));
        NDArray x = picture(32, 2, 16, 16);
        float[] expected = run("resnet", direct, x).get(0);
        NDArray y = CPU.call(
                        scope,
                        "resnet",
                        block(rounded),
                        new NDList(CPU.one(scope, "to_type", x, Precision.BF16.code())),
                        false)
                .get(0);
        float[] found = CPU.one(scope, "to_type", y, Precision.FP32.code()).toFloatArray();
        assertThat(Golden.relativeError(found, expected)).isLessThan(0.02);
    }

    private BlockTensors block(Map<String, NDArray> tensors) {
        BlockTensors block = new BlockTensors().number("groups", 4).number("eps", 1e-5);
        tensors.forEach(block::put);
        blocks.add(block);
        return block;
    }

    private Map<String, NDArray> residual() {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        for (int i = 1; i <= 2; i++) {
            int channels = i == 1 ? 32 : 48;
            tensors.put("norm" + i + ".weight", random(1, channels));
            tensors.put("norm" + i + ".bias", random(0.3, channels));
        }
        tensors.put("shortcut.weight", random(0.2, 48, 32, 1, 1));
        tensors.put("shortcut.bias", random(0.2, 48));
        tensors.putAll(convolution("conv1", 32, 48));
        tensors.putAll(convolution("conv2", 48, 48));
        return tensors;
    }

    private Map<String, NDArray> convolution(String name, int inputs, int outputs) {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        tensors.put(name + ".weight", random(0.08, outputs, inputs, 3, 3));
        tensors.put(name + ".bias", random(0.3, outputs));
        return tensors;
    }

    /** The same tensors with kernels transformed. */
    private Map<String, NDArray> transformed(Map<String, NDArray> direct, Precision precision, String... names) {
        Map<String, NDArray> other = new LinkedHashMap<>(direct);
        for (String name : names) {
            NDArray kernel = other.remove(name + ".weight");
            other.put(name + ".winograd", CPU.one(scope, "winograd_kernel", kernel, precision.code()));
        }
        return other;
    }

    private void same(
            String kernel,
            Map<String, NDArray> direct,
            Map<String, NDArray> transformed,
            NDArray x,
            double tolerance,
            Activation... more) {
        List<float[]> expected = run(kernel, direct, x, more);
        List<float[]> found = run(kernel, transformed, x, more);
        assertThat(Golden.relativeError(found.get(0), expected.get(0)))
                .as("result")
                .isLessThan(tolerance);
        assertThat(Golden.relativeError(found.get(1), expected.get(1)))
                .as("gradient")
                .isLessThan(tolerance);
    }

    /** The result, and the gradient that one of the same random numbers gives. */
    private List<float[]> run(String kernel, Map<String, NDArray> tensors, NDArray x, Activation... more) {
        try (Tape tape = Tape.recording(CPU, scope)) {
            Activation input = tape.inputWithGradient(x);
            Activation[] inputs = new Activation[1 + more.length];
            inputs[0] = input;
            System.arraycopy(more, 0, inputs, 1, more.length);
            Activation y = tape.apply(new Segment(kernel, block(tensors)), inputs);
            float[] result = floats(y.value());
            NDArray slope = tape.scope()
                    .create(new TorchRandom(5).normal(result.length), y.value().getShape());
            tape.backward(y, CPU.one(tape.scope(), "to_type", slope, Precision.FP32.code()));
            return List.of(result, floats(tape.gradient(input)));
        }
    }

    private float[] floats(NDArray array) {
        return CPU.one(scope, "to_type", array, Precision.FP32.code()).toFloatArray();
    }

    private NDArray picture(int channels, int pictures, int height, int width) {
        return CPU.one(scope, "channels_last", random(1, pictures, channels, height, width));
    }

    private NDArray random(double scale, int... shape) {
        long[] sides = new long[shape.length];
        int size = 1;
        for (int i = 0; i < shape.length; i++) {
            sides[i] = shape[i];
            size *= shape[i];
        }
        float[] values = RANDOM.normal(size);
        for (int i = 0; i < size; i++) {
            values[i] *= (float) scale;
        }
        return scope.create(values, new Shape(sides));
    }
}
