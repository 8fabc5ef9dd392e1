package atelier.diffusion.tensor;

import static atelier.diffusion.SharedKernels.CPU;
import static atelier.diffusion.SharedKernels.assumeInt8;
import static atelier.diffusion.SharedKernels.assumePacking;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.adapter.SwappedWeights;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.LoadOptions.Prepack;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which layers' kernels are transformed for Winograd's products when a network is loaded. */
class WinogradLayersTest {
    private static final TorchRandom RANDOM = new TorchRandom(11);
    /** Kernels for a processor without AMX, and for one with it, whichever this one is. */
    private static final Kernels WITHOUT_TILES =
            Kernels.load(Device.cpu(), List.of(), new Execution(false, false, false));

    private static final Kernels WITH_TILES = Kernels.load(Device.cpu(), List.of(), new Execution(false, false, true));

    private final NDManager scope = CPU.manager().newSubManager();
    private final List<BlockTensors> blocks = new ArrayList<>();

    @AfterEach
    void free() {
        blocks.forEach(BlockTensors::close);
        scope.close();
    }

    /** Channels in and out, kernel, stride, latents and what level, and whether a model loaded for drawing takes it. */
    @ParameterizedTest
    @CsvSource({
        "256, 256, 3, 1, 192, 0, RESNETS, true",
        "256, 256, 3, 1, 191, 0, RESNETS, false",
        "256, 256, 3, 1, 768, 1, RESNETS, true",
        "256, 256, 3, 1, 767, 1, RESNETS, false",
        "256, 256, 3, 1, 192, 1, SAMPLERS, true",
        "256, 256, 3, 1, 191, 1, SAMPLERS, false",
        "128, 128, 3, 1, 4096, 0, RESNETS, true",
        "128, 120, 3, 1, 4096, 0, RESNETS, false",
        "256, 88, 3, 1, 4096, 0, RESNETS, true",
        "256, 256, 3, 2, 4096, 0, SAMPLERS, false",
        "256, 256, 1, 1, 4096, 0, RESNETS, false",
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
        assumePacking();
        LoadOptions options = new LoadOptions(Precision.BF16, Use.INFERENCE, Prepack.ALL, latents);
        BlockTensors block =
                load(inputs, outputs, kernel, stride, group, options, halvings).block();
        assertThat(block.has("l.winograd")).isEqualTo(expected);
        assertThat(block.has("l.weight")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"NONE, ADAPTERS, false", "FINE, ADAPTERS, true", "ALL, ADAPTERS, true", "ALL, FULL, false"})
    void trainingTransformsWhatItPacks(Prepack prepack, Use use, boolean expected) {
        assumePacking();
        LoadOptions options = new LoadOptions(Precision.BF16, use, prepack, 4096);
        BlockTensors block = load(192, 192, 3, 1, Group.RESNETS, options, 0).block();
        assertThat(block.has("l.winograd")).isEqualTo(expected);
    }

    /** Nine products of bf16 instead of 36 are worth their transforms even there, 16 are not. */
    @ParameterizedTest
    @CsvSource({
        "INFERENCE, RESNETS, false, packed_kernel",
        "ADAPTERS, RESNETS, false, packed_kernel_back",
        "INFERENCE, SAMPLERS, true, winograd",
        "ADAPTERS, SAMPLERS, true, winograd"
    })
    void whereTheProcessorMultipliesTilesOnlyDoubledPicturesAreTransformed(
            Use use, Group group, boolean expected, String form) {
        assumePacking();
        LoadOptions options = new LoadOptions(Precision.BF16, use, Prepack.ALL, 4096);
        BlockTensors block = load(WITH_TILES, 256, 256, 3, 1, group, options, 0).block();
        assertThat(block.has("l.winograd")).isEqualTo(expected);
        assertThat(block.has("l." + form)).isTrue();
    }

    /** Nine products of bf16 take less time than 36 of 8-bit integers, and 16 more. */
    @ParameterizedTest
    @CsvSource({"RESNETS, false", "SAMPLERS, true"})
    void ofIntegersOnlyThoseOfDoubledPicturesAreTransformed(Group group, boolean expected) {
        assumeInt8();
        for (Use use : List.of(Use.INFERENCE, Use.ADAPTERS)) {
            LoadOptions options = new LoadOptions(Precision.INT8, use, Prepack.NONE, 4096);
            BlockTensors block = load(192, 192, 3, 1, group, options, 0).block();
            assertThat(block.has("l.winograd")).isEqualTo(expected);
            assertThat(block.has("l.int8_kernel")).isNotEqualTo(expected);
        }
    }

    /** Without a level, as in an autoencoder, pictures are large. */
    @Test
    void swappedWeightsTakeTheFormOfThoseInPlace() {
        assumePacking();
        Layer layer = load(192, 192, 3, 1, Group.RESNETS, new LoadOptions(Precision.BF16, Use.INFERENCE), -1);
        NDArray before = layer.block().get("l.winograd");
        float[] other = RANDOM.normal(192 * 192 * 9);
        try (SwappedWeights swapped = SwappedWeights.put(
                WITHOUT_TILES,
                List.of(layer),
                Precision.BF16,
                Map.of("layer", TensorView.ofFloats(other, layer.shape())))) {
            NDArray expected = CPU.one(
                    scope, "winograd_kernel", scope.create(other, new Shape(layer.shape())), Precision.BF16.code());
            assertThat(floats(layer.block().get("l.winograd"))).isEqualTo(floats(expected));
        }
        assertThat(layer.block().get("l.winograd")).isSameAs(before);
    }

    private Layer load(
            int inputs, int outputs, int kernel, int stride, Group group, LoadOptions options, int halvings) {
        return load(WITHOUT_TILES, inputs, outputs, kernel, stride, group, options, halvings);
    }

    private Layer load(
            Kernels kernels,
            int inputs,
            int outputs,
            int kernel,
            int stride,
            Group group,
            LoadOptions options,
            int halvings) {
        float[] weight = RANDOM.normal(outputs * inputs * kernel * kernel);
        Layer layer = new OneLayer(kernels, scope, options)
                .convolution(weight, inputs, outputs, kernel, stride, group, halvings);
        blocks.add(layer.block());
        return layer;
    }

    private float[] floats(NDArray array) {
        return CPU.one(scope, "to_type", array, Precision.FP32.code()).toFloatArray();
    }
}
