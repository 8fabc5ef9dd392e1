package atelier.diffusion.adapter.file;

import atelier.common.error.MalformedException;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.util.HashMap;
import java.util.Map;

/**
 * PEFT's OFT as rotations of input blocks. Its tensor holds the upper triangles of skew-symmetric matrices Q; the rotation
 * is Cayley's (I - Q) (I + Q)^-1, or as many terms of a series as the configuration says.
 */
final class PeftRotations {
    private PeftRotations() {}

    /**
     * The roles of a module.
     *
     * @param triangles [blocks, size (size - 1) / 2]
     */
    static Map<String, TensorSource> of(ModuleKey key, TensorView triangles, PeftConfig config) {
        if (config.get(key, "coft").asBoolean(false)) {
            throw new WeightsException(key + " is PEFT's constrained OFT (coft), which is not read; merge it into the"
                    + " weights with PEFT (merge_and_unload), or train it without coft");
        }
        long[] shape = triangles.shape();
        int blocks = Math.toIntExact(shape[0]);
        int elements = Math.toIntExact(triangles.elements() / Math.max(1, blocks));
        int size = (int) Math.round((1 + Math.sqrt(1 + 8.0 * elements)) / 2);
        if (shape.length != 2 || size * (size - 1) / 2 != elements) {
            throw new MalformedException("has an oft_R of the shape " + TensorView.describe(shape));
        }
        boolean series = config.get(key, "use_cayley_neumann").asBoolean(true);
        int terms = config.get(key, "num_cayley_neumann_terms").asInt(5);
        float[] from = triangles.toFloats();
        float[] rotations = new float[blocks * size * size];
        for (int block = 0; block < blocks; block++) {
            double[][] skew = new double[size][size];
            int at = block * elements;
            for (int row = 0; row < size; row++) {
                for (int column = row + 1; column < size; column++, at++) {
                    skew[row][column] = from[at];
                    skew[column][row] = -from[at];
                }
            }
            double[][] rotation = series ? Rotation.series(skew, terms) : Rotation.cayley(Rotation.times(skew, -1));
            for (int row = 0; row < size; row++) {
                for (int column = 0; column < size; column++) {
                    rotations[(block * size + row) * size + column] = (float) rotation[row][column];
                }
            }
        }
        Map<String, TensorSource> tensors = new HashMap<>();
        tensors.put(ModuleState.ROTATIONS, TensorView.ofFloats(rotations, blocks, size, size));
        tensors.put(ModuleState.ON_INPUT, TensorView.ofFloats(new float[] {1}));
        return tensors;
    }
}
