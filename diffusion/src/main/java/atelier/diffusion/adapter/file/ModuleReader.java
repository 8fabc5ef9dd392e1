package atelier.diffusion.adapter.file;

import atelier.common.error.MalformedException;
import atelier.diffusion.weights.safetensors.Floats;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes one layer's update of the tensors that a file has for it, PEFT's forms brought to those of {@link ModuleState}. */
final class ModuleReader {
    private final Path file;
    private final PeftConfig config;

    ModuleReader(Path file, PeftConfig config) {
        this.file = file;
        this.config = config;
    }

    /**
     * Reads a module.
     *
     * @param roles the tensors by role, finite all
     * @throws WeightsException when they do not fit together
     * @throws MalformedException when no update is made of them
     */
    ModuleState read(ModuleKey key, Map<String, TensorView> roles) {
        Map<String, TensorSource> tensors = new HashMap<>(roles);
        Double alpha = number(key, tensors.remove(KeyRole.ALPHA));
        Double scalar = number(key, tensors.remove(KeyRole.SCALAR));
        requireFloats(key, tensors);
        TensorView lengths = view(tensors.remove(KeyRole.PEFT_LENGTHS));
        if (lengths != null) {
            tensors.put(ModuleState.DORA, kohyaLengths(lengths, tensors.get(ModuleState.DOWN)));
        }
        table(tensors);
        TensorView factors = view(tensors.remove(KeyRole.PEFT_IA3));
        if (factors != null) {
            tensors.putAll(multipliers(factors));
        }
        TensorView triangles = view(tensors.remove(KeyRole.PEFT_OFT));
        if (triangles != null) {
            tensors.putAll(PeftRotations.of(key, triangles, config));
        }
        TensorView upBias = view(tensors.remove(KeyRole.UP_BIAS));
        ModuleState module = scaled(key, ModuleState.of(tensors, alpha), alpha != null);
        if (scalar != null) {
            module = times(key, module, scalar);
        }
        return upBias == null ? module : withBias(module, upBias);
    }

    /** PEFT scales a whole Kronecker product too, where other formats leave it alone. */
    private ModuleState scaled(ModuleKey key, ModuleState plain, boolean stated) {
        boolean scales = switch (plain.method()) {
            case LORA, LOHA, LOKR -> !stated && config.states(key);
            case FULL, GLORA, IA3, OFT, BOFT, REPLACEMENT -> false;
        };
        if (!scales) {
            return plain;
        }
        int rank = plain.rank() == 0 ? config.rank(key) : plain.rank();
        return new ModuleState(plain.method(), plain.tensors(), config.alpha(key, rank), rank);
    }

    private ModuleState times(ModuleKey key, ModuleState module, double scalar) {
        if (module.rank() == 0) {
            throw new WeightsException(file + ": the module " + key + " has a scalar, and its method, "
                    + module.method().title() + ", has no scale to take it; save the adapter again with LyCORIS");
        }
        return new ModuleState(module.method(), module.tensors(), module.alpha() * scalar, module.rank());
    }

    private static ModuleState withBias(ModuleState module, TensorView bias) {
        float[] values = bias.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) module.scale();
        }
        Map<String, TensorSource> tensors = new HashMap<>(module.tensors());
        tensors.put(ModuleState.DIFF_B, TensorView.ofFloats(values, values.length));
        return new ModuleState(module.method(), tensors, module.alpha(), module.rank());
    }

    /** PEFT's factors [out, 1(, 1, 1)], or [1, in(, 1, 1)] where inputs are multiplied, are LyCORIS's plus one. */
    private static Map<String, TensorSource> multipliers(TensorView factors) {
        float[] values = factors.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] -= 1;
        }
        boolean onInput = factors.shape().length > 1 && factors.shape()[0] == 1 && factors.shape()[1] > 1;
        Map<String, TensorSource> tensors = new HashMap<>();
        tensors.put(ModuleState.MULTIPLIERS, TensorView.ofFloats(values, values.length));
        tensors.put(ModuleState.ON_INPUT, TensorView.ofFloats(new float[] {onInput ? 1 : 0}));
        if (!onInput) {
            tensors.put(ModuleState.WITH_BIAS, TensorView.ofFloats(new float[] {1}));
        }
        return tensors;
    }

    /** PEFT's LoRA of a table: A [rank, rows] and B [width, rank], the update being (B A) transposed. */
    private static void table(Map<String, TensorSource> tensors) {
        TensorView a = view(tensors.remove(KeyRole.EMBEDDING_A));
        TensorView b = view(tensors.remove(KeyRole.EMBEDDING_B));
        boolean matrices = a != null && b != null && a.shape().length == 2 && b.shape().length == 2;
        if (a != null && b != null && matrices) {
            tensors.put(ModuleState.UP, transposed(a));
            tensors.put(ModuleState.DOWN, transposed(b));
        }
    }

    private static TensorView transposed(TensorView matrix) {
        int rows = Math.toIntExact(matrix.shape()[0]);
        int columns = Math.toIntExact(matrix.elements() / Math.max(1, rows));
        float[] from = matrix.toFloats();
        float[] to = new float[from.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                to[column * rows + row] = from[row * columns + column];
            }
        }
        return TensorView.ofFloats(to, columns, rows);
    }

    private static @Nullable TensorView view(@Nullable TensorSource tensor) {
        return tensor == null ? null : tensor.view();
    }

    private @Nullable Double number(ModuleKey key, @Nullable TensorSource tensor) {
        if (tensor == null) {
            return null;
        }
        TensorView view = tensor.view();
        if (view.elements() != 1) {
            throw new WeightsException(file + ": the module " + key + " has an alpha of " + view.elements()
                    + " numbers and needs one; export the adapter again");
        }
        return Floats.number(view);
    }

    /** IA3's mark is a whole number; everything else is multiplied. */
    private void requireFloats(ModuleKey key, Map<String, TensorSource> tensors) {
        tensors.replaceAll((role, tensor) -> {
            if (role.equals(ModuleState.ON_INPUT)) {
                return TensorView.ofFloats(new float[] {(float) Floats.number(tensor.view())});
            }
            if (!tensor.dtype().isFloat()) {
                throw new WeightsException(file + ": the module " + key + " has its " + role + " as " + tensor.dtype()
                        + ", and adapters are read in floating types; export it again as F32, F16 or BF16");
            }
            return tensor;
        });
    }

    /** PEFT keeps DoRA's lengths as [out] or [1, out, 1, 1], kohya's and LyCORIS's files as [out, 1(, 1, 1)]. */
    private static TensorSource kohyaLengths(TensorView lengths, @Nullable TensorSource down) {
        boolean convolution = down != null && down.shape().length == 4;
        return convolution ? lengths.reshape(lengths.elements(), 1, 1, 1) : lengths.reshape(lengths.elements(), 1);
    }
}
