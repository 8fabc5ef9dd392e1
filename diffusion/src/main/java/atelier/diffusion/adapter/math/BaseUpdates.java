package atelier.diffusion.adapter.math;

import atelier.common.error.MalformedException;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.file.Rotation;
import atelier.diffusion.weights.safetensors.TensorView;

/**
 * Updates that are functions of the layer's weight W, in plain fp32 Java; formulas as in LyCORIS 4: GLoRA W a1 a2 + b1
 * b2, IA3 W * w by rows or columns, OFT (R - I) W by blocks of rows, BOFT the same in stages ({@link Butterfly}), and the distance to another weight.
 */
final class BaseUpdates {
    private BaseUpdates() {}

    /**
     * The update as [out, in * k * k] at strength 1.
     *
     * @param base the weight, row-major
     * @param shape its shape: [out, in] or [out, in, k, k]
     * @throws MalformedException when the module does not fit the shape
     */
    static Matrix of(ModuleState module, float[] base, long[] shape) {
        int out = Math.toIntExact(shape[0]);
        Matrix weight = new Matrix(out, out == 0 ? 0 : base.length / out, base);
        int taps = Deltas.taps(shape);
        return switch (module.method()) {
            case GLORA -> glora(module, weight, taps);
            case IA3 -> multiplied(module, weight, taps);
            case OFT -> rotated(module, weight);
            case BOFT -> butterfly(module, weight);
            case REPLACEMENT -> replaced(module, weight);
            case LORA, LOHA, LOKR, FULL -> throw new IllegalStateException("has a matrix of its own");
        };
    }

    private static void require(boolean fits, String fact, Matrix weight) {
        if (!fits) {
            throw new MalformedException(fact + " for a weight " + weight.rows() + " x " + weight.columns());
        }
    }

    private static Matrix glora(ModuleState module, Matrix weight, int taps) {
        Matrix a1 = Deltas.flat(module.tensor("a1.weight"));
        Matrix a2 = Deltas.flat(module.tensor("a2.weight"));
        Matrix b1 = Deltas.flat(module.tensor("b1.weight"));
        Matrix b2 = Deltas.flat(module.tensor("b2.weight"));
        boolean old = module.oldGlora();
        Matrix inputs = old ? a2.times(a1) : a1.times(a2);
        Matrix product = old ? b2.times(b1) : b1.times(b2);
        int in = weight.columns() / taps;
        require(
                !module.tensors().containsKey("bm.weight")
                        && inputs.rows() == in
                        && inputs.columns() == in
                        && product.rows() == weight.rows()
                        && product.columns() == weight.columns(),
                "makes a GLoRA of " + inputs.rows() + " inputs and " + product.rows() + " x " + product.columns(),
                weight);
        float scale = (float) module.scale();
        float[] values = product.values();
        for (int row = 0; row < weight.rows(); row++) {
            for (int from = 0; from < in; from++) {
                for (int tap = 0; tap < taps; tap++) {
                    float value = weight.at(row, from * taps + tap);
                    for (int to = 0; to < in; to++) {
                        values[row * weight.columns() + to * taps + tap] += value * inputs.at(from, to);
                    }
                }
            }
        }
        for (int i = 0; i < values.length; i++) {
            values[i] *= scale;
        }
        return product;
    }

    private static Matrix multiplied(ModuleState module, Matrix weight, int taps) {
        float[] factors = module.tensor(ModuleState.MULTIPLIERS).toFloats();
        boolean onInput = isOnInput(module);
        int needed = onInput ? weight.columns() / taps : weight.rows();
        require(factors.length == needed, "multiplies " + factors.length + (onInput ? " inputs" : " outputs"), weight);
        Matrix update = Matrix.zero(weight.rows(), weight.columns());
        for (int row = 0; row < weight.rows(); row++) {
            for (int column = 0; column < weight.columns(); column++) {
                float factor = factors[onInput ? column / taps : row];
                update.values()[row * weight.columns() + column] = factor * weight.at(row, column);
            }
        }
        return update;
    }

    private static boolean isOnInput(ModuleState module) {
        return module.tensors().containsKey(ModuleState.ON_INPUT)
                && module.tensor(ModuleState.ON_INPUT).toFloats()[0] != 0;
    }

    private static Matrix rotated(ModuleState module, Matrix weight) {
        boolean given = module.tensors().containsKey(ModuleState.ROTATIONS);
        TensorView blocks = module.tensor(given ? ModuleState.ROTATIONS : ModuleState.OFT_BLOCKS);
        long[] shape = blocks.shape();
        require(shape.length == 3 && shape[1] == shape[2], "rotates blocks " + TensorView.describe(shape), weight);
        int size = (int) shape[1];
        // LyCORIS bounds Q's norm by the outputs times alpha; 0 is no bound.
        double bound = given ? 0 : module.alpha() * weight.rows();
        double[][][] rotations = given ? matrices(blocks) : cayley(matrices(blocks), bound);
        boolean onInput = isOnInput(module);
        int rotatedSize = onInput ? weight.columns() : weight.rows();
        boolean shared = onInput && rotations.length == 1 && rotatedSize % size == 0;
        require(
                shared || rotations.length * size == rotatedSize,
                "rotates " + rotations.length + " blocks of " + size + (onInput ? " inputs" : " outputs"),
                weight);
        Matrix update = onInput ? columns(weight, rotations, size) : rows(weight, rotations, size);
        return rescaled(module, weight, update);
    }

    private static Matrix rescaled(ModuleState module, Matrix weight, Matrix update) {
        if (module.tensors().containsKey(ModuleState.RESCALE)) {
            float[] rescale = module.tensor(ModuleState.RESCALE).toFloats();
            require(rescale.length == weight.rows(), "rescales " + rescale.length + " outputs", weight);
            for (int i = 0; i < update.values().length; i++) {
                float factor = rescale[i / weight.columns()];
                update.values()[i] = factor * update.values()[i] + (factor - 1) * weight.values()[i];
            }
        }
        return update;
    }

    private static Matrix butterfly(ModuleState module, Matrix weight) {
        TensorView blocks = module.tensor(ModuleState.OFT_BLOCKS);
        long[] shape = blocks.shape();
        int size = (int) shape[3];
        require(
                shape[2] == size && size % 2 == 0 && shape[1] * size == weight.rows(),
                "rotates blocks " + TensorView.describe(shape),
                weight);
        require(
                (size / 2L << shape[0]) <= weight.rows() && weight.rows() % (size / 2L << shape[0]) == 0,
                "rotates in " + shape[0] + " stages of blocks of " + size,
                weight);
        TensorView flat = blocks.reshape(shape[0] * shape[1], size, size);
        double[][][] rotations = cayley(matrices(flat), module.alpha() * weight.rows());
        return rescaled(module, weight, Butterfly.update(weight, rotations, (int) shape[0], size));
    }

    private static double[][][] matrices(TensorView blocks) {
        int count = (int) blocks.shape()[0];
        int size = (int) blocks.shape()[1];
        float[] values = blocks.toFloats();
        double[][][] matrices = new double[count][size][size];
        for (int i = 0; i < values.length; i++) {
            matrices[i / (size * size)][i / size % size][i % size] = values[i];
        }
        return matrices;
    }

    private static double[][][] cayley(double[][][] blocks, double bound) {
        double energy = 0;
        for (double[][] block : blocks) {
            double[][] before = new double[block.length][];
            for (int i = 0; i < block.length; i++) {
                before[i] = block[i].clone();
            }
            for (int i = 0; i < block.length; i++) {
                for (int j = 0; j < block.length; j++) {
                    block[i][j] = before[i][j] - before[j][i];
                    energy += block[i][j] * block[i][j];
                }
            }
        }
        double norm = Math.sqrt(energy) + 1e-8;
        double factor = bound > 0 && norm > bound ? bound / norm : 1;
        double[][][] rotations = new double[blocks.length][][];
        for (int b = 0; b < blocks.length; b++) {
            for (double[] row : blocks[b]) {
                for (int j = 0; j < row.length; j++) {
                    row[j] *= factor;
                }
            }
            rotations[b] = Rotation.cayley(blocks[b]);
        }
        return rotations;
    }

    /** sum_n (R - I)[n, m] W[n]: LyCORIS turns rows by R's transpose. */
    private static Matrix rows(Matrix weight, double[][][] rotations, int size) {
        Matrix update = Matrix.zero(weight.rows(), weight.columns());
        for (int row = 0; row < weight.rows(); row++) {
            int block = row / size;
            for (int n = 0; n < size; n++) {
                double factor = rotations[block][n][row % size] - (n == row % size ? 1 : 0);
                for (int column = 0; column < weight.columns(); column++) {
                    update.values()[row * weight.columns() + column] +=
                            (float) (factor * weight.at(block * size + n, column));
                }
            }
        }
        return update;
    }

    /** W (R - I)^T: PEFT turns the inputs by R. One block may serve for all. */
    private static Matrix columns(Matrix weight, double[][][] rotations, int size) {
        Matrix update = Matrix.zero(weight.rows(), weight.columns());
        for (int row = 0; row < weight.rows(); row++) {
            for (int column = 0; column < weight.columns(); column++) {
                double[][] rotation = rotations[rotations.length == 1 ? 0 : column / size];
                int first = column - column % size;
                double sum = -weight.at(row, column);
                for (int n = 0; n < size; n++) {
                    sum += rotation[column % size][n] * weight.at(row, first + n);
                }
                update.values()[row * weight.columns() + column] = (float) sum;
            }
        }
        return update;
    }

    private static Matrix replaced(ModuleState module, Matrix weight) {
        float[] other = module.tensor(ModuleState.SET_WEIGHT).toFloats();
        require(other.length == weight.values().length, "is a whole weight of " + other.length + " numbers", weight);
        for (int i = 0; i < other.length; i++) {
            other[i] -= weight.values()[i];
        }
        return new Matrix(weight.rows(), weight.columns(), other);
    }
}
