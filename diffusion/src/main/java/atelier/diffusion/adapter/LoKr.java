package atelier.diffusion.adapter;

import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * LoKr (Edalati et al. 2022, KronA; LyCORIS): scale * kron(w1, w2), with w1 [a, c], w2 [b, d(, k, k)], out = a b and in =
 * c d. A factor may be given as a product of low rank, and a convolution's w2 in Tucker form.
 */
final class LoKr {
    private LoKr() {}

    /**
     * How a LoKr is built.
     *
     * @param factor a and c are near it; -1 for about square factors
     * @param decomposeBoth whether w1 is of low rank too, where that is smaller
     * @param fullMatrix whether no factor is of low rank
     * @param tucker whether a convolution's w2 is in Tucker form
     */
    record Shape(int factor, boolean decomposeBoth, boolean fullMatrix, boolean tucker) {}

    /** LyCORIS's start: w2, or its second factor, is zero. Whole factors have scale 1, as in LyCORIS. */
    static WeightForm fresh(Layer layer, int rank, double scale, Shape shape, TorchRandom random) {
        long[] out = factors(layer.outputs(), shape.factor());
        long[] in = factors(layer.inputs(), shape.factor());
        long k = layer.kernel();
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        boolean wholeFirst = shape.fullMatrix() || !shape.decomposeBoth() || 2L * rank >= Math.max(out[0], in[0]);
        boolean wholeSecond = shape.fullMatrix() || 2L * rank >= Math.max(out[1], in[1]);
        if (wholeFirst) {
            tensors.put("lokr_w1", Starts.uniform(random, out[0], in[0]));
        } else {
            tensors.put("lokr_w1_a", Starts.uniform(random, out[0], rank));
            tensors.put("lokr_w1_b", Starts.uniform(random, rank, in[0]));
        }
        if (wholeSecond) {
            tensors.put(
                    "lokr_w2",
                    layer.computedAsLinear() ? Starts.zeros(out[1], in[1]) : Starts.zeros(out[1], in[1], k, k));
        } else if (shape.tucker() && k > 1) {
            tensors.put("lokr_t2", Starts.uniform(random, rank, rank, k, k));
            tensors.put("lokr_w2_a", Starts.uniform(random, rank, out[1]));
            tensors.put("lokr_w2_b", Starts.zeros(rank, in[1]));
        } else {
            tensors.put("lokr_w2_a", Starts.uniform(random, out[1], rank));
            tensors.put("lokr_w2_b", Starts.zeros(rank, in[1] * k * k));
        }
        boolean whole = wholeFirst && wholeSecond;
        return new WeightForm(tensors, whole ? 1 : scale, whole ? 0 : rank, true);
    }

    /**
     * Two factors of a size, the smaller first: the given factor where it divides the size, otherwise the pair of the
     * smallest sum whose smaller part does not exceed it (LyCORIS).
     */
    static long[] factors(long size, int factor) {
        if (factor > 0 && size % factor == 0) {
            return new long[] {Math.min(factor, size / factor), Math.max(factor, size / factor)};
        }
        long most = factor < 0 ? size : factor;
        long small = 1;
        for (long next = 2; next <= most && next * next <= size; next++) {
            if (size % next == 0) {
                small = next;
            }
        }
        return new long[] {small, size / small};
    }
}
