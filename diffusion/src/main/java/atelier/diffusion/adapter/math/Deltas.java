package atelier.diffusion.adapter.math;

import atelier.common.error.MalformedException;
import atelier.diffusion.adapter.file.AdapterMethod;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;

/**
 * A module's update of its layer's weight, in plain fp32 Java: for merging files, resizing and describing. Formulas as
 * in LyCORIS (lycoris/functional): LoRA up down, with a middle tensor sum_pq up[o,p] mid[p,q,k,l] down[q,i]; LoHa (w1_a
 * w1_b) * (w2_a w2_b); LoKr w1 (x) w2.
 */
public final class Deltas {
    private Deltas() {}

    /**
     * The update as [out, in * k * k] at strength 1, DoRA's lengths not applied.
     *
     * @param weight the layer's shape: [out, in] or [out, in, k, k]
     * @throws MalformedException when the module does not fit the shape, or its update depends on the weight
     */
    public static Matrix of(ModuleState module, long[] weight) {
        int out = Math.toIntExact(weight[0]);
        int in = weight.length > 1 ? Math.toIntExact(weight[1]) : 1;
        int taps = taps(weight);
        Matrix product = switch (module.method()) {
            case LORA -> lora(module, taps);
            case LOHA ->
                hadamard(factor(module, "hada_w1", "hada_t1", taps), factor(module, "hada_w2", "hada_t2", taps));
            case LOKR -> kronecker(module, taps);
            case FULL -> module.changesWeight() ? flat(module.tensor(ModuleState.DIFF)) : Matrix.zero(out, in * taps);
            case GLORA, IA3, OFT, BOFT, REPLACEMENT -> throw ofBase(module);
        };
        if (product.rows() != out || product.columns() != in * taps) {
            throw new MalformedException("makes an update of " + product.rows() + " x " + product.columns()
                    + " for a weight " + TensorView.describe(weight));
        }
        float scale = (float) module.scale();
        for (int i = 0; i < product.values().length; i++) {
            product.values()[i] *= scale;
        }
        return product;
    }

    /** The layer's shape as far as the tensors tell it; a convolution's may come out as [out, in * k * k]. */
    public static long[] naturalShape(ModuleState module) {
        return switch (module.method()) {
            case LORA -> {
                long out = module.tensor(ModuleState.UP).shape()[0];
                TensorSource core = module.tensors().get(ModuleState.MID);
                long[] down = module.tensor(ModuleState.DOWN).shape();
                long[] shape = core == null ? down : new long[] {out, down[1], core.shape()[2], core.shape()[3]};
                shape[0] = out;
                yield shape;
            }
            case LOHA -> lowRankShape(module, "hada_w1", "hada_t1");
            case LOKR -> {
                long[] first = module.tensors().containsKey("lokr_w1")
                        ? module.tensor("lokr_w1").shape()
                        : lowRankShape(module, "lokr_w1", "");
                long[] second = module.tensors().containsKey("lokr_w2")
                        ? module.tensor("lokr_w2").shape()
                        : lowRankShape(module, "lokr_w2", "lokr_t2");
                second[0] *= first[0];
                second[1] *= first[1];
                yield second;
            }
            case FULL ->
                module.changesWeight() ? module.tensor(ModuleState.DIFF).shape() : new long[] {0, 0};
            case GLORA, IA3, OFT, BOFT, REPLACEMENT -> throw ofBase(module);
        };
    }

    private static MalformedException ofBase(ModuleState module) {
        return new MalformedException("is " + module.method().title()
                + ", whose update depends on the base's weight; merge it into the weights");
    }

    private static long[] lowRankShape(ModuleState module, String name, String core) {
        TensorView a = module.tensor(name + "_a");
        TensorView b = module.tensor(name + "_b");
        TensorSource tucker = module.tensors().get(core);
        if (tucker == null) {
            long[] shape = b.shape();
            shape[0] = a.shape()[0];
            return shape;
        }
        return new long[] {a.shape()[1], b.shape()[1], tucker.shape()[2], tucker.shape()[3]};
    }

    /** The update's Frobenius norm at strength 1, DoRA's lengths not applied; a plain product is not formed for it. */
    public static double norm(ModuleState module) {
        if (module.method() != AdapterMethod.LORA || module.tensors().containsKey(ModuleState.MID)) {
            return Math.sqrt(of(module, naturalShape(module)).energy());
        }
        Matrix up = flat(module.tensor(ModuleState.UP));
        Matrix down = flat(module.tensor(ModuleState.DOWN));
        Matrix left = up.transposed().times(up);
        Matrix right = down.times(down.transposed());
        double trace = 0;
        for (int i = 0; i < left.values().length; i++) {
            trace += (double) left.values()[i] * right.values()[i];
        }
        return Math.abs(module.scale()) * Math.sqrt(Math.max(0, trace));
    }

    static int taps(long[] weight) {
        int taps = 1;
        for (int i = 2; i < weight.length; i++) {
            taps *= Math.toIntExact(weight[i]);
        }
        return taps;
    }

    /** A tensor as a matrix of its first dimension and all others. */
    static Matrix flat(TensorView tensor) {
        int rows = Math.toIntExact(tensor.shape()[0]);
        return new Matrix(rows, rows == 0 ? 0 : Math.toIntExact(tensor.elements() / rows), tensor.toFloats());
    }

    private static Matrix lora(ModuleState module, int taps) {
        Matrix up = flat(module.tensor(ModuleState.UP));
        Matrix down = flat(module.tensor(ModuleState.DOWN));
        if (!module.tensors().containsKey(ModuleState.MID)) {
            return up.times(down);
        }
        return tucker(up, flat(module.tensor(ModuleState.MID)), down, taps);
    }

    /** sum_pq left[o,p] core[p,q,tap] right[q,i], as [o, i * taps]. */
    private static Matrix tucker(Matrix left, Matrix core, Matrix right, int taps) {
        int rank = right.rows();
        int in = right.columns();
        Matrix middle = Matrix.zero(core.rows(), in * taps);
        for (int p = 0; p < core.rows(); p++) {
            for (int q = 0; q < rank; q++) {
                for (int tap = 0; tap < taps; tap++) {
                    float factor = core.at(p, q * taps + tap);
                    for (int i = 0; i < in; i++) {
                        middle.values()[p * in * taps + i * taps + tap] += factor * right.at(q, i);
                    }
                }
            }
        }
        return left.times(middle);
    }

    /** A low-rank factor of LoHa or LoKr: a b, or with a core t the sum of t[i,j,tap] a[i,o] b[j,r]. */
    private static Matrix factor(ModuleState module, String name, String core, int taps) {
        Matrix a = flat(module.tensor(name + "_a"));
        Matrix b = flat(module.tensor(name + "_b"));
        if (!module.tensors().containsKey(core)) {
            return a.times(b);
        }
        return tucker(a.transposed(), flat(module.tensor(core)), b, taps);
    }

    private static Matrix hadamard(Matrix a, Matrix b) {
        for (int i = 0; i < a.values().length; i++) {
            a.values()[i] *= b.values()[i];
        }
        return a;
    }

    private static Matrix kronecker(ModuleState module, int taps) {
        TensorSource whole = module.tensors().get("lokr_w1");
        Matrix first = whole != null ? flat(whole.view()) : factor(module, "lokr_w1", "", 1);
        TensorSource second = module.tensors().get("lokr_w2");
        Matrix other = second != null ? flat(second.view()) : factor(module, "lokr_w2", "lokr_t2", taps);
        int columns = other.columns() / taps;
        Matrix product = Matrix.zero(first.rows() * other.rows(), first.columns() * columns * taps);
        for (int a = 0; a < first.rows(); a++) {
            for (int b = 0; b < first.columns(); b++) {
                float factor = first.at(a, b);
                for (int c = 0; c < other.rows(); c++) {
                    int to = (a * other.rows() + c) * product.columns() + b * other.columns();
                    int from = c * other.columns();
                    for (int d = 0; d < other.columns(); d++) {
                        product.values()[to + d] = factor * other.values()[from + d];
                    }
                }
            }
        }
        return product;
    }

    /**
     * The weight with the update merged in: W + s d, and with DoRA W + s (m (W + d) / |W + d| - W), lengths along rows,
     * or along columns where the stored lengths are [1, in].
     *
     * @param strength s; 0 gives the weight unchanged
     */
    static TensorView merged(TensorView weight, ModuleState module, double strength) {
        long[] shape = weight.shape();
        float[] base = weight.toFloats();
        Matrix delta = module.method().isOfBase() ? BaseUpdates.of(module, base, shape) : of(module, shape);
        float[] values = delta.values();
        if (module.decomposed()) {
            Matrix updated = new Matrix(delta.rows(), delta.columns(), sum(base, values));
            decompose(updated, module.tensor(ModuleState.DORA), taps(shape));
            for (int i = 0; i < values.length; i++) {
                values[i] = updated.values()[i] - base[i];
            }
        }
        for (int i = 0; i < values.length; i++) {
            base[i] += (float) strength * values[i];
        }
        return TensorView.ofFloats(base, shape);
    }

    /**
     * The bias with the module's change merged in.
     *
     * @param strength s; 0 gives the bias unchanged
     */
    static TensorView mergedBias(TensorView bias, ModuleState module, double strength) {
        float[] base = bias.toFloats();
        float[] other;
        if (module.tensors().containsKey(ModuleState.WITH_BIAS)) {
            other = module.tensor(ModuleState.MULTIPLIERS).toFloats();
            for (int i = 0; i < Math.min(other.length, base.length); i++) {
                other[i] *= base[i];
            }
        } else if (module.tensors().containsKey(ModuleState.SET_BIAS)) {
            other = module.tensor(ModuleState.SET_BIAS).toFloats();
            for (int i = 0; i < Math.min(other.length, base.length); i++) {
                other[i] -= base[i];
            }
        } else {
            other = module.tensor(ModuleState.DIFF_B).toFloats();
        }
        if (other.length != base.length) {
            throw new MalformedException("changes " + other.length + " biases of a layer with " + base.length);
        }
        for (int i = 0; i < base.length; i++) {
            base[i] += (float) strength * other[i];
        }
        return TensorView.ofFloats(base, bias.shape());
    }

    private static float[] sum(float[] a, float[] b) {
        float[] sum = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }

    private static void decompose(Matrix weight, TensorView lengths, int taps) {
        float[] wanted = lengths.toFloats();
        boolean byRow = lengths.shape()[0] == weight.rows();
        int needed = byRow ? weight.rows() : weight.columns() / taps;
        if (wanted.length != needed) {
            throw new MalformedException("has " + wanted.length + " lengths for " + weight.rows() + " rows and "
                    + weight.columns() / taps + " columns");
        }
        double[] squares = new double[wanted.length];
        for (int row = 0; row < weight.rows(); row++) {
            for (int column = 0; column < weight.columns(); column++) {
                double value = weight.at(row, column);
                squares[byRow ? row : column / taps] += value * value;
            }
        }
        for (int row = 0; row < weight.rows(); row++) {
            for (int column = 0; column < weight.columns(); column++) {
                int group = byRow ? row : column / taps;
                weight.values()[row * weight.columns() + column] *= (float) (wanted[group] / Math.sqrt(squares[group]));
            }
        }
    }
}
