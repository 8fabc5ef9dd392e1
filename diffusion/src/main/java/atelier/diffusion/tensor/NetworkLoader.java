package atelier.diffusion.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import atelier.diffusion.tensor.Layer.Base;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.Layer.Kind;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Prepacking.Layouts;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.TensorView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Brings a network's weights onto the device, block by block. Layers' frozen weights are packed where {@link Prepacking}
 * can and the options ask for it. Others are views of the mapped file where that has the wanted type and the device is
 * the CPU; convolutions are copied, channels-last.
 */
public final class NetworkLoader {
    private final Kernels kernels;
    private final NDManager manager;
    private final StateDict weights;
    private final LoadOptions options;
    private final Precision precision;
    private final Prepacking prepacking;
    private final LayoutChoice choice;
    private final List<Layer> layers = new ArrayList<>();
    private final List<Layer> norms = new ArrayList<>();
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<BlockTensors> blocks = new ArrayList<>();
    /** Tensors made over mapped memory do not keep it alive: this does. */
    private final List<ByteBuffer> mapped = new ArrayList<>();

    /** Brings a weight in, at once or later. */
    private Consumer<Runnable> bringing = Runnable::run;

    /**
     * @param manager the manager that the network's tensors will belong to
     * @param weights the network's weights; their account must be closed with {@link StateDict#requireEmpty()}
     */
    public NetworkLoader(Kernels kernels, NDManager manager, StateDict weights, LoadOptions options) {
        this.kernels = kernels;
        this.manager = manager;
        this.weights = weights;
        this.options = options;
        this.precision = options.precision();
        this.prepacking = new Prepacking(kernels, precision);
        this.choice = new LayoutChoice(prepacking, options);
    }

    /** Starts a block. */
    public BlockTensors block() {
        BlockTensors block = new BlockTensors();
        blocks.add(block);
        return block;
    }

    /**
     * Says which level of a picture's network the layers belong to that are added from now on.
     *
     * @param halvings how often its pictures are halved
     * @param coarsest whether they are halved no more
     */
    public void level(int halvings, boolean coarsest) {
        choice.level(halvings, coarsest);
    }

    /** Adds a linear layer to a block. */
    public void linear(
            BlockTensors block, String local, String path, Group group, int inputs, int outputs, boolean bias) {
        Base base = base(path, outputs, inputs);
        add(new Layer(path, group, Kind.LINEAR, inputs, outputs, 1, 1, 0, bias, block, local, precision, base));
    }

    /** Adds a 1x1 projection, stored as a convolution, that the kernel computes as a linear layer. */
    public void projection(BlockTensors block, String local, String path, Group group, int inputs, int outputs) {
        Base base = base(path, outputs, inputs);
        add(new Layer(path, group, Kind.PROJECTION_1X1, inputs, outputs, 1, 1, 0, true, block, local, precision, base));
    }

    /** Adds a convolution with bias. */
    public void convolution(
            BlockTensors block,
            String local,
            String path,
            Group group,
            int inputs,
            int outputs,
            int kernel,
            int stride,
            int padding) {
        Base base = base(path, outputs, inputs, kernel, kernel);
        add(new Layer(
                path,
                group,
                Kind.CONVOLUTION,
                inputs,
                outputs,
                kernel,
                stride,
                padding,
                true,
                block,
                local,
                precision,
                base));
    }

    private void add(Layer layer) {
        String name = layer.path() + ".weight";
        Layouts layouts = choice.of(layer);
        if (prepacking.possible(layer, layouts)) {
            TensorView view = weights.take(name, layer.shape());
            bringing.accept(() -> pack(layer, view, layouts));
        } else {
            weight(layer.block(), layer.local() + ".weight", name, layer.shape(), layer.computedShape());
        }
        if (layer.bias()) {
            long[] shape = {layer.outputs()};
            weight(layer.block(), layer.local() + ".bias", layer.path() + ".bias", shape, shape);
        }
        layers.add(layer);
    }

    private void pack(Layer layer, TensorView view, Layouts layouts) {
        ByteBuffer data = StoredTensor.direct(view);
        try (NDArray stored = StoredTensor.wrap(manager, view, data)) {
            Prepacking.put(layer, prepacking.pack(manager, layer, stored, layouts));
            NativeMemory.release(data);
        }
    }

    /**
     * Adds what {@code parts} adds and checks it, but leaves its weights where they are until the result is run, once.
     */
    public Runnable later(Runnable parts) {
        List<Runnable> waiting = new ArrayList<>();
        bringing = waiting::add;
        try {
            parts.run();
        } finally {
            bringing = Runnable::run;
        }
        return () -> waiting.forEach(Runnable::run);
    }

    /**
     * Lays the matrices of layers that have one input below one another, so that a fused block runs them as one. To be
     * called after they were added; does nothing where blocks do not run fused, or where the matrices learn.
     *
     * @param whole the name of all of them in the block
     */
    public void joint(BlockTensors block, String whole, String... names) {
        if (!isFusedAndFrozen()) {
            return;
        }
        bringing.accept(() -> {
            for (String form : List.of(".weight", ".bias")) {
                List<String> keys = Stream.of(names)
                        .map(name -> name + form)
                        .filter(block::has)
                        .toList();
                if (keys.size() == names.length) {
                    lay(block, whole + form, keys);
                }
            }
        });
    }

    private void lay(BlockTensors block, String whole, List<String> keys) {
        NDList parts = new NDList(keys.stream().map(block::get).toArray(NDArray[]::new));
        NDList views = kernels.call(manager, "lay_below", parts);
        block.put(whole, views.get(0));
        for (int i = 0; i < keys.size(); i++) {
            block.put(keys.get(i), views.get(i + 1));
        }
        parts.close();
    }

    /**
     * Adds a layer's bias to that of another layer whose result is added to the same values, so that a fused block adds
     * it once. To be called after both were added; does nothing where {@link #joint} would do nothing.
     */
    public void foldBias(BlockTensors block, String from, String into) {
        if (!isFusedAndFrozen()) {
            return;
        }
        bringing.accept(() -> {
            NDArray one = Objects.requireNonNull(block.remove(from + ".bias"));
            NDArray other = block.get(into + ".bias");
            block.put(into + ".bias", kernels.one(manager, "sum_of", one, other));
            one.close();
            other.close();
        });
    }

    private boolean isFusedAndFrozen() {
        return kernels.execution().fused() && options.use() != Use.FULL;
    }

    /** Adds a group or layer norm's weight and bias. */
    public void norm(BlockTensors block, String local, String path, int channels) {
        weight(block, local + ".weight", path + ".weight", new long[] {channels}, channels);
        weight(block, local + ".bias", path + ".bias", new long[] {channels}, channels);
        Base base = base(path, channels);
        norms.add(new Layer(
                path, Group.NORMS, Kind.NORM, channels, channels, 1, 1, 0, true, block, local, precision, base));
    }

    /** Adds a tensor under another name and shape than the file's. */
    public void weight(BlockTensors block, String key, String name, long[] stored, long... shape) {
        TensorView view = weights.take(name, stored);
        bringing.accept(() -> put(block, key, name, upload(view, shape)));
    }

    private void put(BlockTensors block, String key, String name, NDArray array) {
        block.put(key, array);
        if (options.use() == Use.FULL) {
            NDArray gradient = manager.zeros(array.getShape(), DataType.FLOAT32);
            block.put(key + ".grad", gradient);
            parameters.add(new Parameter(name, array, gradient));
        }
    }

    private Base base(String path, long... shape) {
        return (scope, wanted) -> {
            TensorView view = weights.tensor(path + ".weight");
            try (NDArray stored = StoredTensor.wrap(scope, view, StoredTensor.direct(view))) {
                return kernels.one(scope, "stored_copy", stored, wanted.code(), shape);
            }
        };
    }

    private NDArray upload(TensorView view, long... shape) {
        ByteBuffer data = StoredTensor.direct(view);
        Precision stored = view.dtype() == DType.F16 ? Precision.FP16 : Precision.FP32;
        boolean trainable = options.use() == Use.FULL;
        boolean spatial = isSpatial(shape);
        boolean copied = stored != precision || trainable || spatial;
        if (!copied) {
            mapped.add(data);
        }
        try (NDArray array = StoredTensor.wrap(manager, view, data)) {
            String kernel = trainable ? "stored_copy" : spatial ? "stored_channels_last" : "stored";
            NDArray tensor = kernels.one(manager, kernel, array, precision.code(), shape);
            if (copied) {
                NativeMemory.release(data);
            }
            return tensor;
        }
    }

    /** Whether a weight of this shape is kept channels-last: that of a convolution over more than one pixel. */
    public static boolean isSpatial(long... shape) {
        return shape.length == 4 && shape[2] > 1;
    }

    /** All layers but norms in the order in which they were added. */
    public List<Layer> layers() {
        return List.copyOf(layers);
    }

    /** All that adapters can change: the layers, and after them the norms. */
    public List<Layer> adaptable() {
        return Stream.concat(layers.stream(), norms.stream()).toList();
    }

    /** The network's own learning parameters; none unless it is loaded for full training. */
    public List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    /** What must stay reachable as long as the network is used. */
    public LoadedTensors loaded() {
        return new LoadedTensors(manager, List.copyOf(blocks), List.copyOf(mapped));
    }
}
