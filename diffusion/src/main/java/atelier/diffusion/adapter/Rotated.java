package atelier.diffusion.adapter;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * OFT (Qiu et al. 2023) and BOFT (Liu et al. 2024) as LyCORIS has them: the rows of the weight are turned by orthogonal
 * matrices, Cayley's (I + Q) (I - Q)^-1 of skew-symmetric Q = B - B^T. OFT has one matrix for each block of rows; BOFT
 * several stages of them, each of which mixes rows that lie twice as far apart as in the stage before.
 */
final class Rotated {
    private Rotated() {}

    /**
     * How a rotation is built.
     *
     * @param butterfly whether it is BOFT
     * @param size the most rows of a block; OFT's are as many where that divides the outputs into at least as many blocks
     * @param constraint the norm of all Q of a layer is at most this times the layer's outputs; 0 for no bound
     * @param rescaled whether each row gets a factor too
     */
    record Shape(boolean butterfly, int size, double constraint, boolean rescaled) {}

    /** Zero matrices: nothing is turned yet. */
    static WeightForm fresh(Layer layer, Shape shape) {
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        if (shape.butterfly()) {
            long[] factors = butterflyFactors(layer, shape.size());
            long stages = Long.bitCount(factors[1] - 1) + 1L;
            tensors.put(ModuleState.OFT_BLOCKS, Starts.zeros(stages, factors[1], factors[0], factors[0]));
        } else {
            long[] factors = LoKr.factors(layer.outputs(), shape.size());
            tensors.put(ModuleState.OFT_BLOCKS, Starts.zeros(factors[1], factors[0], factors[0]));
        }
        if (shape.rescaled()) {
            float[] ones = new float[layer.outputs()];
            Arrays.fill(ones, 1);
            long[] column = layer.kind() == Layer.Kind.LINEAR
                    ? new long[] {layer.outputs(), 1}
                    : new long[] {layer.outputs(), 1, 1, 1};
            tensors.put(ModuleState.RESCALE, TensorView.ofFloats(ones, column));
        }
        return new WeightForm(tensors, 1, 0, true, shape.constraint());
    }

    /** Rows of a block, an even number, and blocks, a power of two: the largest blocks that the size allows (LyCORIS). */
    private static long[] butterflyFactors(Layer layer, int most) {
        long found = 0;
        for (long size = 2; size <= most && size <= layer.outputs(); size += 2) {
            if (layer.outputs() % size == 0 && Long.bitCount(layer.outputs() / size) == 1) {
                found = size;
            }
        }
        if (found == 0) {
            throw new WrongCommandException("adapter.rank = " + most + " gives BOFT no blocks for " + layer.path()
                    + ", which has " + layer.outputs() + " outputs: a block has an even number of rows, at most"
                    + " adapter.rank of them, and there are 1, 2, 4, 8 ... blocks; set a larger rank for the layer"
                    + " (adapter.ranks), or leave it out (adapter.exclude)");
        }
        return new long[] {found, layer.outputs() / found};
    }
}
