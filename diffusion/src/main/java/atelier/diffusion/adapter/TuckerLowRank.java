package atelier.diffusion.adapter;

import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A convolution's low-rank update in Tucker form (LyCORIS, LoCon): down [r, in, 1, 1], a k x k convolution mid [r, r, k,
 * k], up [out, r, 1, 1]. Fewer numbers than LoCon's plain form, whose down is k x k.
 */
final class TuckerLowRank {
    private TuckerLowRank() {}

    /** LyCORIS's start: up is zero. */
    static WeightForm fresh(Layer layer, int rank, double scale, TorchRandom random) {
        long k = layer.kernel();
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        tensors.put("lora_down.weight", Starts.uniform(random, rank, layer.inputs(), 1, 1));
        tensors.put("lora_mid.weight", Starts.uniform(random, rank, rank, k, k));
        tensors.put("lora_up.weight", Starts.zeros(layer.outputs(), rank, 1, 1));
        return new WeightForm(tensors, scale, rank, true);
    }
}
