package atelier.diffusion.adapter;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer;
import org.jspecify.annotations.Nullable;

/**
 * First values of a low-rank update.
 *
 * @param down row-major [rank, inputs * k * k]
 * @param up row-major [outputs, rank]
 * @param decomposed whether rows of the updated weight are brought to trained lengths (DoRA)
 * @param magnitude those lengths [outputs]; null for the base's own
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record LowRankStart(float[] down, float[] up, boolean decomposed, float @Nullable [] magnitude) {
    /**
     * Given values, as files hold them.
     *
     * @param magnitude DoRA's row lengths; null for plain LoRA
     */
    public static LowRankStart of(float[] down, float[] up, float @Nullable [] magnitude) {
        return new LowRankStart(down, up, magnitude != null, magnitude);
    }

    /** The same, with the base's row lengths to be trained. */
    LowRankStart withBaseLengths() {
        return new LowRankStart(down, up, true, null);
    }

    /** PEFT's: down uniform in +-1 / sqrt(fan in), up zero, so that the network starts as the base. */
    static LowRankStart uniform(Layer layer, int rank, TorchRandom random) {
        float[] down = random.uniform(rank * width(layer));
        float bound = (float) (1 / Math.sqrt(width(layer)));
        for (int i = 0; i < down.length; i++) {
            down[i] = (2 * down[i] - 1) * bound;
        }
        return of(down, new float[layer.outputs() * rank], null);
    }

    private static int width(Layer layer) {
        return layer.inputs() * layer.kernel() * layer.kernel();
    }

    /** Down normal with deviation 1 / rank, up zero. */
    static LowRankStart gaussian(Layer layer, int rank, TorchRandom random) {
        float[] down = random.normal(rank * width(layer));
        for (int i = 0; i < down.length; i++) {
            down[i] /= rank;
        }
        return of(down, new float[layer.outputs() * rank], null);
    }

    /**
     * Down from the odd rows of a random orthonormal matrix and up from its even rows, each times normal numbers and 1 /
     * 10: both learn from the first step, and their product is zero.
     */
    static LowRankStart orthogonal(Layer layer, int rank, TorchRandom random) {
        if (rank % 2 != 0) {
            throw new WrongCommandException(
                    "adapter.rank must be even for adapter.init = orthogonal, got " + rank + " on " + layer.path());
        }
        double[][] basis = orthonormal(rank, random);
        int half = rank / 2;
        int width = width(layer);
        float[] left = random.normal(width * half);
        float[] right = random.normal(half * layer.outputs());
        float[] down = new float[rank * width];
        float[] up = new float[layer.outputs() * rank];
        for (int r = 0; r < rank; r++) {
            for (int h = 0; h < half; h++) {
                for (int i = 0; i < width; i++) {
                    down[r * width + i] += (float) (left[i * half + h] * basis[2 * h][r] / 10);
                }
                for (int o = 0; o < layer.outputs(); o++) {
                    up[o * rank + r] += (float) (right[h * layer.outputs() + o] * basis[2 * h + 1][r] / 10);
                }
            }
        }
        return of(down, up, null);
    }

    /** Rows made orthonormal by Gram and Schmidt, each twice over for accuracy. */
    private static double[][] orthonormal(int size, TorchRandom random) {
        double[][] rows = new double[size][size];
        for (int i = 0; i < size; i++) {
            float[] values = random.normal(size);
            for (int j = 0; j < size; j++) {
                rows[i][j] = values[j];
            }
            for (int pass = 0; pass < 2; pass++) {
                for (int k = 0; k < i; k++) {
                    double along = dot(rows[i], rows[k]);
                    for (int j = 0; j < size; j++) {
                        rows[i][j] -= along * rows[k][j];
                    }
                }
                double length = Math.sqrt(dot(rows[i], rows[i]));
                for (int j = 0; j < size; j++) {
                    rows[i][j] /= length;
                }
            }
        }
        return rows;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
