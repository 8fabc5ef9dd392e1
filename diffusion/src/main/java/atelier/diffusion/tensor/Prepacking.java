package atelier.diffusion.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Lays a frozen weight out as the processor's kernels read it (oneDNN's blocked formats), once instead of at every
 * call. Forward and back read different layouts, so training needs two where inference needs one.
 */
public final class Prepacking {
    private static final String PLAIN = "weight";
    private static final List<String> FORMS =
            List.of(PLAIN, "packed_matrix", "packed_matrix_back", "packed_kernel", "packed_kernel_back");

    /** The layouts that a layer's weight is wanted in. */
    public enum Layouts {
        /** As the file has it, for both ways. */
        PLAIN,
        /** One that only forward passes read. */
        FORWARD,
        /** One for each way. */
        BOTH
    }

    private final Kernels kernels;
    private final Precision precision;
    private final boolean possible;

    /** @param precision what the weights are kept in */
    public Prepacking(Kernels kernels, Precision precision) {
        this.kernels = kernels;
        this.precision = precision;
        this.possible = !kernels.device().isGpu() && inBuild() && onProcessor();
    }

    /** Whether PyTorch's builds for this kind of processor have the kernels. */
    static boolean inBuild() {
        String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return List.of("amd64", "x86_64").contains(processor);
    }

    private boolean onProcessor() {
        if (precision != Precision.BF16) {
            return precision == Precision.FP32;
        }
        try (NDArray able = kernels.one(kernels.manager(), "packs_bf16")) {
            return able.getBoolean();
        }
    }

    /** Whether a layer's weight can be laid out for these ways at all. */
    public boolean possible(Layer layer, Layouts layouts) {
        return possible && layouts != Layouts.PLAIN && (layouts == Layouts.FORWARD || layer.stride() == 1);
    }

    /**
     * Lays a weight out.
     *
     * @param manager owns the results
     * @param weight in the layer's file shape, of any type
     * @param layouts {@link #possible} ones
     * @return tensors by the ending of their names in a block
     */
    public Map<String, NDArray> pack(NDManager manager, Layer layer, NDArray weight, Layouts layouts) {
        Map<String, NDArray> forms = new LinkedHashMap<>();
        int code = precision.code();
        if (layer.kernel() == 1) {
            Object[] arguments = {weight, code, layer.outputs(), layer.inputs()};
            forms.put("packed_matrix", kernels.one(manager, "pack_matrix", arguments));
            if (layouts == Layouts.BOTH) {
                forms.put("packed_matrix_back", kernels.one(manager, "pack_matrix_back", arguments));
            }
        } else {
            int padding = layer.padding();
            forms.put("packed_kernel", kernels.one(manager, "pack_kernel", weight, code, layer.stride(), padding));
            if (layouts == Layouts.BOTH) {
                int back = layer.kernel() - 1 - padding;
                forms.put("packed_kernel_back", kernels.one(manager, "pack_kernel_back", weight, code, back));
            }
        }
        return forms;
    }

    /** Takes a layer's weight out of its block, in whatever forms it is there. */
    public static Map<String, NDArray> take(Layer layer) {
        Map<String, NDArray> forms = new LinkedHashMap<>();
        for (String form : FORMS) {
            NDArray tensor = layer.block().remove(layer.local() + "." + form);
            if (tensor != null) {
                forms.put(form, tensor);
            }
        }
        return forms;
    }

    /** Puts forms of a weight into a layer's block. */
    public static void put(Layer layer, Map<String, NDArray> forms) {
        forms.forEach((form, tensor) -> layer.block().put(layer.local() + "." + form, tensor));
    }

    /**
     * The layer's frozen weight as it is, of the block's precision and the kernel's shape: the block's own tensor, or
     * where it is only there packed, one that is loaded anew.
     *
     * @param manager owns what is loaded
     */
    public static NDArray plain(Layer layer, NDManager manager) {
        String key = layer.local() + "." + PLAIN;
        return layer.block().has(key) ? layer.block().get(key) : layer.base().load(manager, layer.precision());
    }
}
