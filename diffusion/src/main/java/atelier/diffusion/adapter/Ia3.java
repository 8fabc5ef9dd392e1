package atelier.diffusion.adapter;

import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.LinkedHashMap;
import java.util.Map;

/** IA3 (Liu et al. 2022; LyCORIS): each row of the weight, or each of its inputs, times 1 + w. */
final class Ia3 {
    private Ia3() {}

    /**
     * Multipliers of one.
     *
     * @param onInput whether inputs are multiplied, as the paper does at a feed-forward's second layer
     */
    static WeightForm fresh(Layer layer, boolean onInput) {
        long size = onInput ? layer.inputs() : layer.outputs();
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        tensors.put(
                ModuleState.MULTIPLIERS,
                layer.kind() == Layer.Kind.LINEAR ? Starts.zeros(size) : Starts.zeros(1, size, 1, 1));
        tensors.put(ModuleState.ON_INPUT, TensorView.ofFloats(new float[] {onInput ? 1 : 0}));
        return new WeightForm(tensors, 1, 0, true);
    }
}
