package atelier.diffusion.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A layer whose weight is made anew of the base and a method's tensors after each step: LoHa, LoKr, whole differences,
 * Tucker forms, their decomposed kin, GLoRA, IA3, OFT and BOFT. Backward passes leave the weight's gradient; {@link #collect} sends it on.
 */
public final class WeightModule implements AdapterModule {
    private final Kernels kernels;
    private final Layer layer;
    private final NDManager manager;
    private final WeightForm form;
    private final WeightSlot slot;
    private final BlockTensors tensors = new BlockTensors();
    private final Map<String, NDArray> roles = new LinkedHashMap<>();
    private final List<Parameter> parameters = new ArrayList<>();

    /**
     * Attaches an update to a layer.
     *
     * @param trainable whether it will be trained
     * @throws IllegalStateException if the layer has an adapter already
     */
    public WeightModule(Kernels kernels, Layer layer, WeightForm form, boolean trainable) {
        this.kernels = kernels;
        this.layer = layer;
        this.form = form;
        this.manager = kernels.manager().newSubManager();
        this.slot = new WeightSlot(kernels, layer, manager, trainable);
        tensors.put("base", slot.base()).put("effective", slot.effective());
        if (trainable) {
            tensors.put("effective.grad", slot.gradient());
        }
        form.tensors().forEach((role, view) -> {
            NDArray tensor = manager.create(view.toFloats(), new Shape(view.shape()));
            roles.put(role, tensor);
            if (role.equals(ModuleState.ON_INPUT)) {
                return;
            }
            // The kernels' names are the roles' without ".weight".
            String name = role.equals(ModuleState.MULTIPLIERS) ? role : role.replace(".weight", "");
            tensors.put(name, tensor);
            if (trainable) {
                NDArray gradient = manager.zeros(tensor.getShape(), DataType.FLOAT32);
                tensors.put(name + ".grad", gradient);
                parameters.add(new Parameter(layer.path() + "." + name, tensor, gradient));
            }
        });
        tensors.number("scale", form.scale())
                .number("strength", 1)
                .number("by_input", byInput() ? 1 : 0)
                .number("on_input", onInput() ? 1 : 0)
                .number("bound", form.constraint() * layer.outputs())
                .number("norm_in_gradient", form.normInGradient() ? 1 : 0);
        refresh();
    }

    /** As the constructor, with lengths for {@code decomposed} that start as the base's rows have them. */
    static WeightModule fresh(Kernels kernels, Layer layer, WeightForm form, boolean decomposed) {
        if (!decomposed) {
            return new WeightModule(kernels, layer, form, true);
        }
        try (NDManager scope = kernels.manager().newSubManager()) {
            NDArray base = layer.base().load(scope, Precision.FP32);
            float[] lengths = HostCopy.floats(kernels.one(scope, "weight_row_lengths", base, 0));
            long[] shape = layer.shape();
            java.util.Arrays.fill(shape, 1, shape.length, 1);
            return new WeightModule(kernels, layer, form.withMagnitude(TensorView.ofFloats(lengths, shape)), true);
        }
    }

    /** Lengths are by input column where their shape is [1, in(, 1, 1)]. */
    private boolean byInput() {
        TensorView magnitude = form.tensors().get(WeightForm.MAGNITUDE);
        return magnitude != null
                && magnitude.shape().length > 1
                && magnitude.shape()[0] == 1
                && magnitude.elements() == layer.inputs();
    }

    /** Whether IA3 multiplies the layer's inputs in place of its outputs. */
    private boolean onInput() {
        TensorView mark = form.tensors().get(ModuleState.ON_INPUT);
        return mark != null && mark.toFloats()[0] != 0;
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
        kernels.run("weight_refresh", tensors);
    }

    @Override
    public void collect() {
        if (!parameters.isEmpty()) {
            kernels.run("weight_collect", tensors);
        }
    }

    @Override
    public void strength(double strength) {
        tensors.number("strength", strength);
        if (strength == 0) {
            slot.vacate();
        } else {
            slot.occupy();
            refresh();
        }
    }

    /** Rank dropout leaves rows of the update out, as LyCORIS does; the rest is enlarged to the same mean. */
    @Override
    public void dropout(Dropout rates, TorchRandom random) {
        if (rates.network() > 0) {
            throw new WrongCommandException(
                    layer.path() + ": only low-rank updates have a hidden state that adapter.dropout can act on");
        }
        tensors.number("strength", rates.dropsModule(random) ? 0 : 1);
        NDArray before = tensors.remove("row_mask");
        if (before != null) {
            before.close();
        }
        if (rates.rank() > 0) {
            tensors.put("row_mask", manager.create(rates.rankMask(layer.outputs(), random)));
        }
        refresh();
    }

    @Override
    public double limitNorm(double most) {
        double norm;
        try (NDArray value = kernels.one(manager, "weight_delta_norm", tensors)) {
            norm = HostCopy.number(value);
        }
        if (norm > most) {
            NDList factors = new NDList();
            roles.forEach((role, tensor) -> {
                if (!role.equals(WeightForm.MAGNITUDE) && !role.equals(ModuleState.ON_INPUT)) {
                    factors.add(tensor);
                }
            });
            // The update is a product of all of them, of GLoRA's four a sum of two products: each takes an equal part.
            int count = roles.containsKey("a1.weight") ? 2 : factors.size();
            kernels.run("scale_all", factors, Math.pow(most / norm, 1.0 / count));
        }
        return norm;
    }

    @Override
    public NDArray update(NDManager scope) {
        try (NDManager inner = scope.newSubManager()) {
            NDArray update =
                    kernels.one(inner, "weight_update", tensors, layer.base().load(inner, Precision.FP32));
            update.attach(scope);
            return update;
        }
    }

    @Override
    public Map<String, NDArray> tensors() {
        return Collections.unmodifiableMap(roles);
    }

    @Override
    public double alpha() {
        if (roles.containsKey(ModuleState.OFT_BLOCKS)) {
            return form.constraint();
        }
        return form.rank() == 0 ? form.scale() : form.scale() * form.rank();
    }

    @Override
    public int rank() {
        return form.rank();
    }

    @Override
    public void close() {
        slot.vacate();
        tensors.close();
        manager.close();
    }
}
