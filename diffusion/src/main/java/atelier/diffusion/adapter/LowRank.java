package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * LoRA (Hu et al. 2021) on a linear layer or a convolution: W + scale * up down, with down [rank, inputs(, k, k)] and up
 * [outputs, rank(, 1, 1)]. With {@code decomposed}, DoRA (Liu et al. 2024): the rows of the updated weight are brought
 * to trained lengths; as in PEFT, the lengths' own gradient does not flow through the norm.
 */
public final class LowRank implements AdapterModule {
    private final Kernels kernels;
    private final Layer layer;
    private final NDManager manager;
    private final int rank;
    private final double scale;
    private final NDArray down;
    private final NDArray up;
    private final NDArray factor;
    private final @Nullable RowLengths lengths;
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<String> keys = new ArrayList<>();
    private boolean attached;
    private boolean dropped;
    /** What the update counts by now: {@link #scale}, times a strength, or 0 for a step that leaves it out. */
    private double weight;
    /** Stand in the block in place of the parameters; null where the block has the parameters themselves. */
    private @Nullable ComputeCopies copies;

    private LowRank(Kernels kernels, Layer layer, double scale, LowRankStart start, boolean trainable) {
        this.kernels = kernels;
        this.layer = layer;
        this.manager = kernels.manager().newSubManager();
        long[] downShape = layer.shape();
        this.rank = (int) (start.down().length / (layer.inputs() * (long) layer.kernel() * layer.kernel()));
        downShape[0] = rank;
        this.scale = scale;
        this.weight = scale;
        boolean linear = layer.computedAsLinear();
        this.down = manager.create(start.down(), linear ? new Shape(rank, layer.inputs()) : new Shape(downShape));
        this.up = manager.create(
                start.up(), linear ? new Shape(layer.outputs(), rank) : new Shape(layer.outputs(), rank, 1, 1));
        this.factor = manager.create((float) scale);
        put("down", down);
        put("up", up);
        put("scale", factor);
        if (trainable) {
            train("down", "lora_down", down);
            train("up", "lora_up", up);
        }
        this.lengths = start.decomposed() ? lengths(start.magnitude(), trainable) : null;
        this.attached = true;
    }

    private RowLengths lengths(float @Nullable [] magnitude, boolean trainable) {
        RowLengths made = new RowLengths(kernels, layer, manager, new NDList(down, up, factor), magnitude);
        put("ratio", made.ratio());
        if (trainable) {
            put("ratio.grad", made.ratioGradient());
            parameters.add(made.parameter());
        }
        made.refresh(dropped);
        return made;
    }

    /**
     * A fresh module with PEFT's initialisation.
     *
     * @param scale what the product is multiplied by: alpha / rank, or alpha / sqrt(rank) for rsLoRA
     * @param random draws the numbers of down
     */
    public static LowRank fresh(
            Kernels kernels, Layer layer, int rank, double scale, boolean decomposed, TorchRandom random) {
        LowRankStart start = LowRankStart.uniform(layer, rank, random);
        return new LowRank(kernels, layer, scale, decomposed ? start.withBaseLengths() : start, true);
    }

    /**
     * A module with given values.
     *
     * @param trainable whether it will be trained
     */
    public static LowRank of(Kernels kernels, Layer layer, double scale, LowRankStart start, boolean trainable) {
        return new LowRank(kernels, layer, scale, start, trainable);
    }

    private void put(String role, NDArray tensor) {
        String key = layer.local() + "." + role;
        if (layer.block().has(key)) {
            throw new IllegalStateException(layer.path() + " has an adapter already; detach it first");
        }
        layer.block().put(key, tensor);
        keys.add(key);
    }

    private void train(String role, String name, NDArray tensor) {
        NDArray gradient = manager.zeros(tensor.getShape(), DataType.FLOAT32);
        put(role + ".grad", gradient);
        parameters.add(new Parameter(layer.path() + "." + name, tensor, gradient));
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
        if (lengths != null) {
            lengths.refresh(dropped);
        }
    }

    @Override
    public void collect() {
        if (lengths != null) {
            lengths.collect(dropped);
        }
    }

    @Override
    public void strength(double strength) {
        boolean on = strength != 0;
        if (on != attached) {
            keys.forEach(key -> layer.block().remove(key));
            if (on) {
                throw new IllegalStateException(layer.path() + ": an adapter that was taken off is made anew");
            }
            attached = false;
            keys.clear();
            return;
        }
        if (strength != 1 && lengths != null) {
            throw new WrongCommandException(layer.path() + ": DoRA's strength is 0 or 1; merge it to blend it");
        }
        set(scale * strength);
    }

    @Override
    public void dropout(Dropout rates, TorchRandom random) {
        leaveOut(rates.dropsModule(random));
        draw("rank_mask", rates.rank() > 0 ? rates.rankMask(rank, random) : null);
        // The kernel draws elements by a hash that a number seeds.
        draw(
                "dropout",
                rates.network() > 0 ? new float[] {(float) rates.network(), random.uniform(1)[0] * 1000} : null);
        refresh();
    }

    /** Whether the next step does without the whole update. */
    void leaveOut(boolean whole) {
        dropped = whole;
        set(dropped ? 0 : scale);
    }

    private void draw(String role, float @Nullable [] values) {
        mask(role, values == null ? null : manager.create(values));
    }

    /** Puts a mask in the place of the one before it, which is closed; null for none. */
    void mask(String role, @Nullable NDArray mask) {
        String key = layer.local() + "." + role;
        NDArray before = layer.block().remove(key);
        keys.remove(key);
        if (before != null) {
            before.close();
        }
        if (mask != null) {
            put(role, mask);
        }
    }

    private void set(double value) {
        weight = value;
        if (copies != null) {
            copies.changed();
            return;
        }
        try (NDArray number = manager.create((float) value)) {
            kernels.run("copy_into", factor, number);
        }
    }

    @Override
    public double limitNorm(double most) {
        double norm;
        try (NDArray value = kernels.one(manager, "low_rank_norm", down, up, scale)) {
            norm = HostCopy.number(value);
        }
        if (norm > most) {
            kernels.run("scale_all", new NDList(down, up), Math.sqrt(most / norm));
        }
        return norm;
    }

    @Override
    public NDArray update(NDManager scope) {
        try (NDManager inner = scope.newSubManager()) {
            NDArray base = layer.base().load(inner, Precision.FP32);
            NDArray plain = inner.create((float) scale);
            NDArray update = lengths == null
                    ? kernels.one(inner, "low_rank_weight", base, down, up, plain)
                    : kernels.one(inner, "decomposed_update", base, down, up, plain, lengths.magnitude());
            update.attach(scope);
            return update;
        }
    }

    @Override
    public Map<String, NDArray> tensors() {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        tensors.put("lora_down.weight", down);
        tensors.put("lora_up.weight", up);
        if (lengths != null) {
            tensors.put("dora_scale", lengths.magnitude());
        }
        return tensors;
    }

    /**
     * Puts copies of the parameters, which have the scale in them, in the block's place for them.
     *
     * @param tensors the block's, by their roles there
     */
    void compute(ComputeCopies by, Map<String, NDArray> tensors) {
        copies = by;
        layer.block().remove(layer.local() + ".scale");
        keys.remove(layer.local() + ".scale");
        tensors.forEach((role, tensor) -> layer.block().put(layer.local() + "." + role, tensor));
    }

    /** What the update counts by now. */
    double weight() {
        return weight;
    }

    /** Whether an update of this form can be a part of a joint one: nothing of it is left out, or brought to lengths. */
    boolean isPlain() {
        return lengths == null;
    }

    NDArray down() {
        return down;
    }

    NDArray up() {
        return up;
    }

    @Override
    public double alpha() {
        // Readers divide by the rank, whatever the scale was made of.
        return scale * rank;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public void close() {
        keys.forEach(key -> layer.block().remove(key));
        keys.clear();
        manager.close();
    }
}
