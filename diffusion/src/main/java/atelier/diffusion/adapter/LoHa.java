package atelier.diffusion.adapter;

import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * LoHa (Hyeon-Woo et al. 2022, FedPara; LyCORIS): scale * (w1_a w1_b) * (w2_a w2_b), elementwise, of a rank up to the
 * square of each factor's. In Tucker form a convolution's factors are cores [r, r, k, k] between [r, out] and [r, in].
 */
final class LoHa {
    private LoHa() {}

    /** LyCORIS's start: w2_a is zero, so that the network starts as the base. */
    static WeightForm fresh(Layer layer, int rank, double scale, boolean tucker, TorchRandom random) {
        long out = layer.outputs();
        long in = layer.inputs();
        long k = layer.kernel();
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        if (tucker && k > 1) {
            tensors.put("hada_t1", Starts.normal(random, 0.1, rank, rank, k, k));
            tensors.put("hada_w1_a", Starts.normal(random, 0.1, rank, out));
            tensors.put("hada_w1_b", Starts.normal(random, 1, rank, in));
            tensors.put("hada_t2", Starts.normal(random, 0.1, rank, rank, k, k));
            tensors.put("hada_w2_a", Starts.zeros(rank, out));
            tensors.put("hada_w2_b", Starts.normal(random, 1, rank, in));
        } else {
            tensors.put("hada_w1_a", Starts.normal(random, 0.1, out, rank));
            tensors.put("hada_w1_b", Starts.normal(random, 1, rank, in * k * k));
            tensors.put("hada_w2_a", Starts.zeros(out, rank));
            tensors.put("hada_w2_b", Starts.normal(random, 1, rank, in * k * k));
        }
        return new WeightForm(tensors, scale, rank, true);
    }
}
