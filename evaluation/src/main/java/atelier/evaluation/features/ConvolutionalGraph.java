package atelier.evaluation.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.common.image.Pixels;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A convolutional network of the user's own that turns pictures into vectors: SSCD (Pizzi et al. 2022) or FID's Inception
 * (Heusel et al. 2017). What it computes is a list of operations in its folder's network.json.
 */
public final class ConvolutionalGraph implements AutoCloseable {
    /** The kernels to load beside the diffusion model's. */
    public static final String KERNELS = "/atelier/evaluation/features/graph.py";

    private static final Set<String> OPERATIONS = Set.of(
            "convolution",
            "max_pool",
            "average_pool",
            "add",
            "concatenate",
            "global_average",
            "gem",
            "linear",
            "normalise");
    private static final int BATCH = 8;

    private final Kernels kernels;
    private final NDManager manager;
    private final GraphInput input;
    private final String source;
    private final List<Step> steps = new ArrayList<>();

    /**
     * One operation.
     *
     * @param kernel its name
     * @param given places of the values that it takes: 0 is the picture, i what the i-th operation gave
     * @param block its tensors and numbers
     * @param spent places of values that nothing after it takes
     */
    private record Step(String kernel, List<Integer> given, BlockTensors block, List<Integer> spent) {}

    private ConvolutionalGraph(NetworkFolder folder, Kernels kernels, NDManager manager) {
        this.kernels = kernels;
        this.manager = manager;
        input = GraphInput.of(folder);
        source = folder.source();
        JsonNode operations = folder.description().path("operations");
        int[] last = new int[operations.size() + 1];
        for (int place = 1; place <= operations.size(); place++) {
            for (JsonNode given : operations.get(place - 1).path("in")) {
                int from = given.asInt(-1);
                if (from < 0 || from >= place) {
                    throw folder.broken("operation " + place + " of network.json takes the value " + given
                            + ", which does not come before it");
                }
                last[from] = place;
            }
        }
        for (int place = 1; place <= operations.size(); place++) {
            steps.add(step(folder, operations.get(place - 1), place, last));
        }
        if (steps.isEmpty()) {
            throw folder.broken("network.json lists no operations");
        }
        try {
            folder.weights().requireEmpty();
        } catch (WeightsException e) {
            throw folder.broken(String.valueOf(e.getMessage()));
        }
    }

    private Step step(NetworkFolder folder, JsonNode operation, int place, int[] last) {
        String name = operation.path("op").asText();
        if (!OPERATIONS.contains(name)) {
            throw folder.broken(
                    "operation " + place + " of network.json is '" + name + "'; known ones are " + OPERATIONS);
        }
        BlockTensors block = new BlockTensors();
        operation
                .path("numbers")
                .properties()
                .forEach(number ->
                        block.number(number.getKey(), number.getValue().asDouble()));
        if (operation.has("tensors")) {
            String tensors = operation.path("tensors").asText();
            long[] shape = new long[operation.path("shape").size()];
            Arrays.setAll(shape, i -> operation.path("shape").get(i).asLong());
            block.put("weight", stored(folder.weights().take(tensors + ".weight", shape)));
            block.put("bias", stored(folder.weights().take(tensors + ".bias", shape[0])));
        }
        List<Integer> given = new ArrayList<>();
        operation.path("in").forEach(value -> given.add(value.asInt()));
        List<Integer> spent =
                given.stream().distinct().filter(from -> last[from] == place).toList();
        return new Step("graph_" + name, given, block, spent);
    }

    private NDArray stored(TensorView view) {
        try (NDArray plain = manager.create(view.toFloats(), new Shape(view.shape()))) {
            return kernels.one(manager, "graph_stored", plain.duplicate());
        }
    }

    /**
     * Loads SSCD.
     *
     * @param folder written by {@code scripts/evaluation/convert sscd}
     * @param kernels with {@link #KERNELS} among them; they stay the caller's
     */
    public static ConvolutionalGraph sscd(Path folder, Kernels kernels) throws IOException {
        return load(NetworkFolder.open("sscd", folder), kernels);
    }

    /**
     * Loads FID's Inception.
     *
     * @param folder written by {@code scripts/evaluation/convert inception}
     * @param kernels with {@link #KERNELS} among them; they stay the caller's
     */
    public static ConvolutionalGraph inception(Path folder, Kernels kernels) throws IOException {
        return load(NetworkFolder.open("inception", folder), kernels);
    }

    private static ConvolutionalGraph load(NetworkFolder folder, Kernels kernels) {
        NDManager manager = kernels.manager().newSubManager();
        try {
            return new ConvolutionalGraph(folder, kernels, manager);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** The folder, and the file that was converted. */
    public String source() {
        return source;
    }

    /** One vector a picture, in order; pictures of any size. */
    public float[][] embeddings(List<Pixels> pictures) {
        float[][] all = new float[pictures.size()][];
        for (int from = 0; from < pictures.size(); from += BATCH) {
            List<Pixels> some = pictures.subList(from, Math.min(pictures.size(), from + BATCH));
            float[] rows = batch(some);
            int length = rows.length / some.size();
            for (int i = 0; i < some.size(); i++) {
                all[from + i] = Arrays.copyOfRange(rows, i * length, (i + 1) * length);
            }
        }
        return all;
    }

    private float[] batch(List<Pixels> pictures) {
        int side = input.side();
        float[] planes = new float[pictures.size() * 3 * side * side];
        for (int i = 0; i < pictures.size(); i++) {
            input.write(pictures.get(i), planes, i * 3 * side * side);
        }
        try (NDManager scope = manager.newSubManager()) {
            List<NDArray> values = new ArrayList<>();
            values.add(kernels.one(
                    scope, "graph_stored", scope.create(planes, new Shape(pictures.size(), 3, side, side))));
            for (Step step : steps) {
                NDList given = new NDList();
                step.given().forEach(place -> given.add(values.get(place)));
                values.add(kernels.one(scope, step.kernel(), step.block(), given));
                step.spent().forEach(place -> values.get(place).close());
            }
            return HostCopy.floats(values.get(values.size() - 1));
        }
    }

    @Override
    public void close() {
        steps.forEach(step -> step.block().close());
        manager.close();
    }
}
