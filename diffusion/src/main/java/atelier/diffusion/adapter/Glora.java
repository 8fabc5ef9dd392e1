package atelier.diffusion.adapter;

import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.LinkedHashMap;
import java.util.Map;

/** GLoRA (Chavan et al. 2023; LyCORIS): scale * (W a1 a2 + b1 b2), the first product over the weight's inputs. */
final class Glora {
    private Glora() {}

    /** LyCORIS's start: a2 and b2 are zero, so that the network starts as the base. */
    static WeightForm fresh(Layer layer, int rank, double scale, TorchRandom random) {
        long k = layer.kernel();
        long in = layer.inputs();
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        tensors.put("a1.weight", Starts.uniform(random, shape(layer, in, rank, 1, 1)));
        tensors.put("a2.weight", Starts.zeros(shape(layer, rank, in, 1, 1)));
        tensors.put("b1.weight", Starts.uniform(random, shape(layer, layer.outputs(), rank, 1, 1)));
        tensors.put("b2.weight", Starts.zeros(shape(layer, rank, in, k, k)));
        return new WeightForm(tensors, scale, rank, true);
    }

    /** Files have convolutions' matrices with the two dimensions of a kernel. */
    private static long[] shape(Layer layer, long rows, long columns, long height, long width) {
        return layer.kind() == Layer.Kind.LINEAR
                ? new long[] {rows, columns}
                : new long[] {rows, columns, height, width};
    }
}
