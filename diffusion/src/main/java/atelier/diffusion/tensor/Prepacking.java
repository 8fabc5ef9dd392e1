package atelier.diffusion.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.Layer.Group;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Lays a frozen weight out as the processor's kernels read it (oneDNN's blocked formats), once instead of at every
 * call, and rounds it to 8-bit integers where the precision says so. Forward and back read different layouts, so
 * training needs two where inference needs one; 3x3 kernels transformed for Winograd's minimal filtering serve both.
 */
public final class Prepacking {
    private static final String PLAIN = "weight";
    private static final String BACK = "_back";
    private static final String WINOGRAD = "winograd";
    private static final String SCALES = ".scales";
    private static final String ZEROS = ".zeros";
    private static final List<String> FORMS = forms();
    /** Half the channels, where inputs and outputs are alike, from which on Winograd's products save what they cost. */
    private static final long CHANNELS = 64;

    /** Outputs from which on none were seen that oneDNN takes 48 at a time: not 816, but 768. */
    private static final long MANY_OUTPUTS = 800;

    /** The layouts that a layer's weight is wanted in. */
    public enum Layouts {
        /** As the file has it, for both ways. */
        PLAIN,
        /** One that only forward passes read. */
        FORWARD,
        /** One for each way. */
        BOTH,
        /** One for both ways, by which a 3x3 convolution takes fewer than half the products. */
        WINOGRAD
    }

    private final Kernels kernels;
    private final Precision precision;
    private final boolean possible;

    /**
     * @param precision what the weights are kept in
     * @throws WrongCommandException when the device cannot compute in it
     */
    public Prepacking(Kernels kernels, Precision precision) {
        this.kernels = kernels;
        this.precision = precision;
        this.possible = !kernels.execution().fused() && inBuild() && onProcessor();
        if (precision == Precision.INT8 && !(possible && asks("adds_int8"))) {
            throw new WrongCommandException(
                    "int8 needs an x86 processor with AVX-512 and VNNI, and this is none; use fp32");
        }
    }

    private static List<String> forms() {
        List<String> forms = new ArrayList<>(List.of(PLAIN, WINOGRAD));
        for (String kind : List.of("_matrix", "_kernel")) {
            for (String way : List.of("", BACK)) {
                String integers = "int8" + kind + way;
                forms.addAll(List.of("packed" + kind + way, integers, integers + SCALES, integers + ZEROS));
            }
        }
        return forms;
    }

    /** Whether PyTorch's builds for this kind of processor have the kernels. */
    static boolean inBuild() {
        String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return List.of("amd64", "x86_64").contains(processor);
    }

    /** In fp32 layouts that suit one size of picture do not suit another, and laying out anew costs more than before. */
    private boolean onProcessor() {
        return precision.unquantised() == Precision.BF16 && asks("packs_bf16");
    }

    private boolean asks(String kernel) {
        try (NDArray answer = kernels.one(kernels.manager(), kernel)) {
            return HostCopy.flag(answer);
        }
    }

    /** Whether a layer's weight can be laid out for these ways at all. */
    public boolean possible(Layer layer, Layouts layouts) {
        // Only then is the gradient of a convolution one of the same stride and padding.
        boolean symmetric = layer.stride() == 1 && layer.kernel() == 2 * layer.padding() + 1;
        return possible
                && switch (layouts) {
                    case PLAIN -> false;
                    case FORWARD -> suitsEverySize(layer, layer.outputs());
                    case BOTH ->
                        symmetric && suitsEverySize(layer, layer.outputs()) && suitsEverySize(layer, layer.inputs());
                    case WINOGRAD -> symmetric && layer.kernel() == 3;
                };
    }

    /**
     * Whether one layout of the layer's kernel serves pictures of every size. oneDNN takes the outputs of some layers 48
     * at a time, but not over few pixels, and laying them out anew takes twenty times as long as the convolution.
     */
    private boolean suitsEverySize(Layer layer, long outputs) {
        return layer.kernel() == 1 || quantises(layer) || outputs % 48 != 0 || outputs >= MANY_OUTPUTS;
    }

    /** Whether the processor multiplies tiles of bf16. */
    boolean hasTiles() {
        return kernels.execution().tiles();
    }

    /** Whether a layer is faster with {@link Layouts#WINOGRAD}: few channels do not pay for their transforms. */
    public boolean gainsFromWinograd(Layer layer) {
        long products = (long) layer.inputs() * layer.outputs();
        return possible(layer, Layouts.WINOGRAD) && products >= CHANNELS * (layer.inputs() + layer.outputs());
    }

    /** The layouts that forward passes want in place of those that a layer has. */
    public static Layouts forward(Layer layer) {
        return layer.block().has(layer.local() + "." + WINOGRAD) ? Layouts.WINOGRAD : Layouts.FORWARD;
    }

    /**
     * Whether a layer's weight is kept as integers: large ones are, but those at both ends of the network, whose errors
     * show most, and those that only see the time.
     */
    public boolean quantises(Layer layer) {
        return precision == Precision.INT8 && layer.group() != Group.OTHER && !layer.seesTimeAlone();
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
        if (layouts == Layouts.WINOGRAD) {
            return Map.of(WINOGRAD, kernels.one(manager, "winograd_kernel", weight, precision.code()));
        }
        Map<String, NDArray> forms = new LinkedHashMap<>();
        forms.putAll(pack(manager, layer, weight, false));
        if (layouts == Layouts.BOTH) {
            forms.putAll(pack(manager, layer, weight, true));
        }
        return forms;
    }

    private Map<String, NDArray> pack(NDManager manager, Layer layer, NDArray weight, boolean back) {
        boolean matrix = layer.kernel() == 1;
        boolean integers = quantises(layer);
        String name = (integers ? "int8" : "packed") + (matrix ? "_matrix" : "_kernel") + (back ? BACK : "");
        int padding = layer.padding();
        if (integers) {
            NDList parts = matrix
                    ? kernels.call(manager, "int8_matrix", weight, layer.outputs(), layer.inputs(), back)
                    : kernels.call(manager, "int8_kernel", weight, layer.stride(), padding, back);
            return Map.of(name, parts.get(0), name + SCALES, parts.get(1), name + ZEROS, parts.get(2));
        }
        int code = precision.code();
        NDArray packed = matrix
                ? kernels.one(manager, "pack_matrix", weight, code, layer.outputs(), layer.inputs(), back)
                : kernels.one(manager, "pack_kernel", weight, code, layer.stride(), padding, back);
        return Map.of(name, packed);
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
