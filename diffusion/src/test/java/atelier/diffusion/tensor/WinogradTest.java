package atelier.diffusion.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.Golden;
import atelier.diffusion.SharedKernels;
import atelier.diffusion.adapter.SwappedWeights;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.LoadOptions.Prepack;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.TensorView;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions with a transformed kernel against those with the kernel as it is, and which layers get one. */
class WinogradTest {
    private static final Kernels CPU = SharedKernels.CPU;
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
        BlockTensors direct = residual();
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
        BlockTensors direct = convolution(block(), "conv", 32, 24);
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
        BlockTensors direct = convolution(block(), "conv", 32, 24);
        Activation like = Tape.inference(CPU, scope).input(picture(1, 1, 7, 9));
        same("upsample", direct, transformed(direct, Precision.FP32, "conv"), picture(32, 1, 4, 5), 1e-5, like);
    }

    /** A low-rank update sees the picture itself, whatever the frozen kernel makes of it. */
    @ParameterizedTest
    @CsvSource({"resnet", "upsample"})
    void adaptersAreAddedAsBefore(String kernel) {
        boolean residual = kernel.equals("resnet");
        String name = residual ? "conv1" : "conv";
        BlockTensors direct = residual ? residual() : convolution(block(), "conv", 32, 24);
        direct.put(name + ".down", random(0.1, 4, 32, 3, 3))
                .put(name + ".up", random(0.5, residual ? 48 : 24, 4, 1, 1))
                .put(name + ".scale", scope.create(2f));
        same(kernel, direct, transformed(direct, Precision.FP32, name), picture(32, 2, 6, 6), 1e-5);
    }

    /** In three digits: another order of rounding, no other result. */
    @Test
    void roundsLikeBf16() {
        BlockTensors direct = residual();
        BlockTensors rounded = transformed(direct, Precision.BF16, "conv1", "conv2");
        for (String name : List.of("norm1", "norm2", "conv1", "conv2", "shortcut")) {
            for (String part : List.of(".weight", ".bias")) {
                if (rounded.has(name + part)) {
                    rounded.put(
                            name + part, CPU.one(scope, "to_type", rounded.get(name + part), Precision.BF16.code()));
                }
            }
        }
        NDArray x = picture(32, 2, 16, 16);
        float[] expected = run("resnet", direct, x).get(0);
        NDArray y = CPU.call(
                        scope,
                        "resnet",
                        rounded,
                        new NDList(CPU.one(scope, "to_type", x, Precision.BF16.code())),
                        false)
                .get(0);
        float[] found = CPU.one(scope, "to_type", y, Precision.FP32.code()).toFloatArray();
        assertThat(Golden.relativeError(found, expected)).isLessThan(0.02);
    }

    /** Channels in and out, kernel, stride, latents and what level, and whether a model loaded for drawing takes it. */
    @ParameterizedTest
    @CsvSource({
        "192, 192, 3, 1, 192, 0, RESNETS, true",
        "192, 192, 3, 1, 191, 0, RESNETS, false",
        "192, 192, 3, 1, 768, 1, RESNETS, true",
        "192, 192, 3, 1, 767, 1, RESNETS, false",
        "192, 192, 3, 1, 192, 1, SAMPLERS, true",
        "192, 192, 3, 1, 191, 1, SAMPLERS, false",
        "128, 128, 3, 1, 4096, 0, RESNETS, false",
        "384, 128, 3, 1, 4096, 0, RESNETS, true",
        "192, 192, 3, 2, 4096, 0, SAMPLERS, false",
        "192, 192, 1, 1, 4096, 0, RESNETS, false",
    })
    void largeLayersThatSeeManyPixelsAreTransformed(
            int inputs,
            int outputs,
            int kernel,
            int stride,
            long latents,
            int halvings,
            Group group,
            boolean expected) {
        BlockTensors block =
                loaded(inputs, outputs, kernel, stride, latents, halvings, group, Prepack.ALL, Use.INFERENCE);
        assertThat(block.has("conv.winograd")).isEqualTo(expected);
        assertThat(block.has("conv.weight")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"NONE, ADAPTERS, false", "FINE, ADAPTERS, true", "ALL, ADAPTERS, true", "ALL, FULL, false"})
    void trainingTransformsWhatItPacks(Prepack prepack, Use use, boolean expected) {
        BlockTensors block = loaded(192, 192, 3, 1, 4096, 0, Group.RESNETS, prepack, use);
        assertThat(block.has("conv.winograd")).isEqualTo(expected);
    }

    /** Nine products of bf16 take less time than 36 of 8-bit integers, and 16 more. */
    @ParameterizedTest
    @CsvSource({"RESNETS, false", "SAMPLERS, true"})
    void ofIntegersOnlyThoseOfDoubledPicturesAreTransformed(Group group, boolean expected) {
        assumePacking();
        try (NDArray able = CPU.one(CPU.manager(), "adds_int8")) {
            assumeTrue(able.getBoolean(), "this processor adds no 8-bit products exactly");
        }
        for (Use use : List.of(Use.INFERENCE, Use.ADAPTERS)) {
            LoadOptions options = new LoadOptions(Precision.INT8, use, Prepack.NONE, 4096);
            BlockTensors block = load(192, 192, 3, 1, group, options, 0).block();
            assertThat(block.has("conv.winograd")).isEqualTo(expected);
            assertThat(block.has("conv.int8_kernel")).isNotEqualTo(expected);
        }
    }

    /** Without a level, as in an autoencoder, pictures are large. */
    @Test
    void swappedWeightsTakeTheFormOfThoseInPlace() {
        assumePacking();
        Layer layer = load(192, 192, 3, 1, Group.RESNETS, new LoadOptions(Precision.BF16, Use.INFERENCE), -1);
        NDArray before = layer.block().get("conv.winograd");
        float[] other = random(0.1, 192, 192, 3, 3).toFloatArray();
        try (SwappedWeights swapped = SwappedWeights.put(
                CPU, List.of(layer), Precision.BF16, Map.of("conv", TensorView.ofFloats(other, layer.shape())))) {
            NDArray expected = CPU.one(
                    scope, "winograd_kernel", scope.create(other, new Shape(layer.shape())), Precision.BF16.code());
            assertThat(floats(layer.block().get("conv.winograd"))).isEqualTo(floats(expected));
        }
        assertThat(layer.block().get("conv.winograd")).isSameAs(before);
    }

    private BlockTensors loaded(
            int inputs,
            int outputs,
            int kernel,
            int stride,
            long latents,
            int halvings,
            Group group,
            Prepack prepack,
            Use use) {
        assumePacking();
        LoadOptions options = new LoadOptions(Precision.BF16, use, prepack, latents);
        return load(inputs, outputs, kernel, stride, group, options, halvings).block();
    }

    private Layer load(
            int inputs, int outputs, int kernel, int stride, Group group, LoadOptions options, int halvings) {
        float[] weight = random(0.1, outputs, inputs, kernel, kernel).toFloatArray();
        StateDict weights = new StateDict(
                "test",
                Map.of(
                        "conv.weight", TensorView.ofFloats(weight, new long[] {outputs, inputs, kernel, kernel}),
                        "conv.bias", TensorView.ofFloats(new float[outputs], new long[] {outputs})),
                JsonNodeFactory.instance.objectNode());
        NetworkLoader loader = new NetworkLoader(CPU, scope, weights, options);
        if (halvings >= 0) {
            loader.level(halvings, false);
        }
        BlockTensors block = loader.block();
        blocks.add(block);
        loader.convolution(block, "conv", "conv", group, inputs, outputs, kernel, stride, kernel / 2);
        return loader.layers().get(0);
    }

    private static void assumePacking() {
        try (NDArray able = CPU.one(CPU.manager(), "packs_bf16")) {
            assumeTrue(able.getBoolean(), "this processor has no AVX-512");
        }
    }

    private BlockTensors block() {
        BlockTensors block = new BlockTensors();
        blocks.add(block);
        return block;
    }

    private BlockTensors residual() {
        BlockTensors block = block().number("groups", 4).number("eps", 1e-5);
        for (int i = 1; i <= 2; i++) {
            int channels = i == 1 ? 32 : 48;
            block.put("norm" + i + ".weight", random(1, channels)).put("norm" + i + ".bias", random(0.3, channels));
        }
        block.put("shortcut.weight", random(0.2, 48, 32, 1, 1)).put("shortcut.bias", random(0.2, 48));
        return convolution(convolution(block, "conv1", 32, 48), "conv2", 48, 48);
    }

    private BlockTensors convolution(BlockTensors block, String name, int inputs, int outputs) {
        return block.put(name + ".weight", random(0.08, outputs, inputs, 3, 3))
                .put(name + ".bias", random(0.3, outputs));
    }

    /** The same block with kernels transformed. */
    private BlockTensors transformed(BlockTensors direct, Precision precision, String... names) {
        BlockTensors other = block().number("groups", 4).number("eps", 1e-5);
        for (String key : List.of(
                "norm1.weight",
                "norm1.bias",
                "norm2.weight",
                "norm2.bias",
                "conv1.weight",
                "conv1.bias",
                "conv2.weight",
                "conv2.bias",
                "shortcut.weight",
                "shortcut.bias",
                "conv.weight",
                "conv.bias",
                "conv1.down",
                "conv1.up",
                "conv1.scale",
                "conv.down",
                "conv.up",
                "conv.scale")) {
            if (direct.has(key)) {
                other.put(key, direct.get(key));
            }
        }
        for (String name : names) {
            other.put(
                    name + ".winograd",
                    CPU.one(scope, "winograd_kernel", direct.get(name + ".weight"), precision.code()));
            other.remove(name + ".weight");
        }
        return other;
    }

    private void same(
            String kernel,
            BlockTensors direct,
            BlockTensors transformed,
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
    private List<float[]> run(String kernel, BlockTensors block, NDArray x, Activation... more) {
        try (Tape tape = Tape.recording(CPU, scope)) {
            Activation input = tape.learningInput(x);
            Activation[] inputs = new Activation[1 + more.length];
            inputs[0] = input;
            System.arraycopy(more, 0, inputs, 1, more.length);
            Activation y = tape.apply(new Segment(kernel, block), inputs);
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
