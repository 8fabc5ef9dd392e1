package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Vectors of a layer that are trained as they are, as differences from the base's: a norm's weight and bias (LyCORIS's
 * train_norm), or the bias of a linear layer or convolution (BitFit, Ben Zaken et al. 2022).
 */
public final class VectorDifference implements AdapterModule {
    private final Kernels kernels;
    private final Layer layer;
    private final NDManager manager;
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final List<Parameter> parameters = new ArrayList<>();
    private double strength = 1;
    private boolean dropped;
    private boolean occupied;

    /**
     * A vector in its block.
     *
     * @param key its name there
     * @param own the base's, which comes back when the module is closed; null where the block has folded it into
     *     another layer's, so that the base of this one is zero
     * @param base the same, never null
     * @param effective what stands in its place
     * @param difference what is trained, fp32
     * @param gradient null where nothing is trained
     */
    private record Place(
            String key,
            @Nullable NDArray own,
            NDArray base,
            NDArray effective,
            NDArray difference,
            @Nullable NDArray gradient) {}

    private VectorDifference(Kernels kernels, Layer layer, Map<String, TensorView> start, boolean trainable) {
        this.kernels = kernels;
        this.layer = layer;
        this.manager = kernels.manager().newSubManager();
        if (layer.kind() == Layer.Kind.NORM) {
            add("weight", ModuleState.DIFF, start.get(ModuleState.DIFF), trainable);
        }
        add("bias", ModuleState.DIFF_B, start.get(ModuleState.DIFF_B), trainable);
        occupy();
        refresh();
    }

    /** A norm's weight and bias, or another layer's bias, as the base has them. */
    static VectorDifference fresh(Kernels kernels, Layer layer) {
        return new VectorDifference(kernels, layer, Map.of(), true);
    }

    /**
     * As a file has them.
     *
     * @param start by the roles diff and diff_b; what is missing is zero
     * @param trainable whether training goes on from there
     */
    static VectorDifference of(Kernels kernels, Layer layer, Map<String, TensorView> start, boolean trainable) {
        return new VectorDifference(kernels, layer, start, trainable);
    }

    private void add(String form, String role, @Nullable TensorView start, boolean trainable) {
        String key = layer.local() + "." + form;
        if (layer.block().has(key + ".grad")) {
            throw new IllegalStateException(layer.path() + " has an adapter of its " + form + " already");
        }
        Shape shape = new Shape(layer.outputs());
        NDArray own = layer.block().has(key) ? layer.block().get(key) : null;
        NDArray base = own;
        if (base == null) {
            try (NDArray zeros = manager.zeros(shape, DataType.FLOAT32)) {
                base = kernels.one(
                        manager, "stored_copy", zeros, layer.precision().code(), new long[] {layer.outputs()});
            }
        }
        NDArray difference =
                start == null ? manager.zeros(shape, DataType.FLOAT32) : manager.create(start.toFloats(), shape);
        NDArray gradient = trainable ? manager.zeros(shape, DataType.FLOAT32) : null;
        NDArray effective = kernels.one(manager, "copy_of", base);
        places.put(role, new Place(key, own, base, effective, difference, gradient));
        if (gradient != null) {
            parameters.add(new Parameter(layer.path() + "." + role, difference, gradient));
        }
    }

    private void occupy() {
        if (!occupied) {
            places.values().forEach(place -> {
                layer.block().put(place.key(), place.effective());
                if (place.gradient() != null) {
                    layer.block().put(place.key() + ".grad", place.gradient());
                }
            });
            occupied = true;
        }
    }

    private void vacate() {
        if (occupied) {
            places.values().forEach(place -> {
                layer.block().remove(place.key());
                layer.block().remove(place.key() + ".grad");
                if (place.own() != null) {
                    layer.block().put(place.key(), place.own());
                }
            });
            occupied = false;
        }
    }

    @Override
    public Layer layer() {
        return layer;
    }

    @Override
    public List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    @Override
    public void refresh() {
        double weight = dropped ? 0 : strength;
        places.values()
                .forEach(place ->
                        kernels.run("vector_into", place.effective(), place.base(), place.difference(), weight));
    }

    /** The block leaves the difference's own gradient: there is none where a step did without it. */
    @Override
    public void collect() {
        if (dropped && !parameters.isEmpty()) {
            kernels.run(
                    "zero_all",
                    new NDList(parameters.stream().map(Parameter::gradient).toArray(NDArray[]::new)));
        }
    }

    @Override
    public void strength(double strength) {
        this.strength = strength;
        if (strength == 0) {
            vacate();
        } else {
            occupy();
            refresh();
        }
    }

    /** Only module dropout concerns it: there is neither a rank nor a hidden state. */
    @Override
    public void dropout(Dropout rates, TorchRandom random) {
        dropped = rates.dropsModule(random);
        refresh();
    }

    /** Vectors are not limited, as in LyCORIS. */
    @Override
    public double limitNorm(double most) {
        return 0;
    }

    /** The difference of a norm's weight; that of a bias is {@link #difference}. */
    @Override
    public NDArray update(NDManager scope) {
        NDArray copy = kernels.one(scope, "copy_of", difference(ModuleState.DIFF));
        copy.attach(scope);
        return copy;
    }

    /**
     * What is added to one vector of the base at strength 1.
     *
     * @param role diff for the weight, diff_b for the bias
     */
    NDArray difference(String role) {
        Place place = places.get(role);
        if (place == null) {
            throw new IllegalStateException(layer.path() + ": its " + role + " is not changed");
        }
        return place.difference();
    }

    @Override
    public Map<String, NDArray> tensors() {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        places.forEach((role, place) -> tensors.put(role, place.difference()));
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public double alpha() {
        return 0;
    }

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public void close() {
        vacate();
        manager.close();
    }
}
