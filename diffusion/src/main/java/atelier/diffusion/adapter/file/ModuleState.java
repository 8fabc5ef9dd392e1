package atelier.diffusion.adapter.file;

import atelier.common.error.MalformedException;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One layer's update, as files hold it. Roles are the suffixes of kohya's and LyCORIS's files: {@code
 * lora_down.weight} [rank, in(, k, k)], {@code lora_up.weight} [out, rank(, 1, 1)], {@code lora_mid.weight} [rank, rank,
 * k, k], {@code dora_scale} [out, 1(, 1, 1)], {@code hada_w1_a} [out, rank], {@code hada_w1_b} [rank, in(, k, k)],
 * {@code hada_w2_a}, {@code hada_w2_b}, {@code hada_t1}, {@code hada_t2}, {@code lokr_w1}, {@code lokr_w1_a}, {@code
 * lokr_w1_b}, {@code lokr_w2}, {@code lokr_w2_a}, {@code lokr_w2_b}, {@code lokr_t2}, {@code diff}, {@code a1.weight}
 * [in, rank], {@code a2.weight} [rank, in], {@code b1.weight} [out, rank], {@code b2.weight} [rank, in], {@code weight}
 * and {@code on_input} (IA3), {@code oft_blocks} [blocks, size, size], of BOFT [stages, blocks, size, size], {@code oft_diag} (the rotations themselves),
 * {@code rescale} [out, 1], {@code set_weight}. Any of them may come with {@code diff_b} [out], the bias's difference,
 * or {@code set_bias}.
 *
 * @param method how the tensors make the update
 * @param tensors by role; alpha is not among them
 * @param alpha the update is alpha / rank times what the tensors give; of OFT and BOFT the bound of the rotation
 * @param rank 0 where the method has none
 */
public record ModuleState(AdapterMethod method, Map<String, TensorSource> tensors, double alpha, int rank) {
    public static final String DOWN = "lora_down.weight";
    public static final String UP = "lora_up.weight";
    public static final String MID = "lora_mid.weight";
    public static final String DORA = "dora_scale";
    public static final String DIFF = "diff";
    public static final String DIFF_B = "diff_b";
    /** IA3's factors less one, of outputs, or of inputs where {@link #ON_INPUT} is not 0. */
    public static final String MULTIPLIERS = "weight";

    public static final String ON_INPUT = "on_input";
    /** Whether IA3 multiplies the bias too, as PEFT does and LyCORIS does not. */
    public static final String WITH_BIAS = "ia3_with_bias";

    public static final String OFT_BLOCKS = "oft_blocks";
    /** Rotations by output block; by input block where {@link #ON_INPUT} is there. */
    public static final String ROTATIONS = "oft_diag";

    public static final String RESCALE = "rescale";
    public static final String SET_WEIGHT = "set_weight";
    public static final String SET_BIAS = "set_bias";

    private static final String[] GLORA = {"a1.weight", "a2.weight", "b1.weight", "b2.weight"};

    public ModuleState {
        tensors = Collections.unmodifiableMap(new TreeMap<>(tensors));
    }

    /**
     * Finds method and rank from the roles.
     *
     * @param alpha null where the file states none, which means rank
     * @throws MalformedException when the tensors make no known method
     */
    public static ModuleState of(Map<String, TensorSource> tensors, @Nullable Double alpha) {
        AdapterMethod method = method(tensors);
        int rank = switch (method) {
            case LORA -> loraRank(tensors);
            case LOHA -> dimension(tensors, "hada_w1_b", 0);
            case LOKR ->
                tensors.containsKey("lokr_w2_b")
                        ? dimension(tensors, "lokr_w2_b", 0)
                        : tensors.containsKey("lokr_w1_b") ? dimension(tensors, "lokr_w1_b", 0) : 0;
            case GLORA -> gloraRank(tensors);
            case FULL, IA3, OFT, BOFT, REPLACEMENT -> 0;
        };
        double otherwise = method == AdapterMethod.OFT || method == AdapterMethod.BOFT ? 0 : rank;
        return new ModuleState(method, tensors, alpha == null ? otherwise : alpha, rank);
    }

    private static AdapterMethod method(Map<String, TensorSource> tensors) {
        if (tensors.containsKey(DOWN) && tensors.containsKey(UP)) {
            return AdapterMethod.LORA;
        } else if (hasAll(tensors, "hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")) {
            return AdapterMethod.LOHA;
        } else if (hasEither(tensors, "lokr_w1") && hasEither(tensors, "lokr_w2")) {
            return AdapterMethod.LOKR;
        } else if (hasAll(tensors, GLORA)) {
            return AdapterMethod.GLORA;
        } else if (hasAll(tensors, MULTIPLIERS, ON_INPUT)) {
            return AdapterMethod.IA3;
        } else if (tensors.containsKey(ROTATIONS)
                || tensors.containsKey(OFT_BLOCKS) && dimensions(tensors, OFT_BLOCKS) == 3) {
            return AdapterMethod.OFT;
        } else if (dimensions(tensors, OFT_BLOCKS) == 4) {
            return AdapterMethod.BOFT;
        } else if (tensors.containsKey(SET_WEIGHT)) {
            return AdapterMethod.REPLACEMENT;
        } else if (tensors.containsKey(DIFF)
                || tensors.keySet().equals(Set.of(DIFF_B))
                || tensors.keySet().equals(Set.of(SET_BIAS))) {
            return AdapterMethod.FULL;
        }
        throw new MalformedException(
                "has " + new TreeSet<>(tensors.keySet()) + ", which make no update of a known method");
    }

    private static int loraRank(Map<String, TensorSource> tensors) {
        int down = dimension(tensors, DOWN, 0);
        int up = dimension(tensors, UP, 1);
        dimension(tensors, DOWN, 1);
        if (up != down && !tensors.containsKey(MID)) {
            throw new MalformedException("has matrices of the ranks " + down + " and " + up);
        }
        return down;
    }

    /** Files before LyCORIS 2 have a1 [rank, in] and b2 [out, rank]. */
    private static int gloraRank(Map<String, TensorSource> tensors) {
        int first = dimension(tensors, "a1.weight", 0);
        return isOldGlora(tensors) ? first : dimension(tensors, "a2.weight", 0);
    }

    private static boolean isOldGlora(Map<String, TensorSource> tensors) {
        int a1 = dimension(tensors, "a1.weight", 0);
        int a2 = dimension(tensors, "a2.weight", 1);
        int b1 = dimension(tensors, "b1.weight", 0);
        int b2 = dimension(tensors, "b2.weight", 1);
        boolean old = a1 == a2 && a2 == b1 && b1 == b2;
        boolean current = dimension(tensors, "a1.weight", 1) == dimension(tensors, "a2.weight", 0)
                && dimension(tensors, "b1.weight", 1) == dimension(tensors, "b2.weight", 0)
                && dimension(tensors, "a1.weight", 1) == dimension(tensors, "b1.weight", 1);
        return old && !current;
    }

    /** Whether GLoRA's tensors are as files before LyCORIS 2 have them: W a2 a1 + b2 b1. */
    public boolean oldGlora() {
        return method == AdapterMethod.GLORA && isOldGlora(tensors);
    }

    /** Whether the layer's bias is changed too. */
    public boolean changesBias() {
        return tensors.containsKey(DIFF_B) || tensors.containsKey(SET_BIAS) || tensors.containsKey(WITH_BIAS);
    }

    /** Whether the layer's weight is changed; some modules change a bias alone. */
    public boolean changesWeight() {
        return method != AdapterMethod.FULL || tensors.containsKey(DIFF);
    }

    private static boolean hasAll(Map<String, TensorSource> tensors, String... roles) {
        for (String role : roles) {
            if (!tensors.containsKey(role)) {
                return false;
            }
        }
        return true;
    }

    /** A factor of a Kronecker product is stored whole, or as two. */
    private static boolean hasEither(Map<String, TensorSource> tensors, String role) {
        return tensors.containsKey(role) || hasAll(tensors, role + "_a", role + "_b");
    }

    private static int dimensions(Map<String, TensorSource> tensors, String role) {
        TensorSource tensor = tensors.get(role);
        return tensor == null ? 0 : tensor.shape().length;
    }

    private static int dimension(Map<String, TensorSource> tensors, String role, int axis) {
        TensorSource tensor = tensors.get(role);
        if (tensor == null || tensor.shape().length <= axis) {
            throw new MalformedException("has a " + role + " of " + dimensions(tensors, role) + " dimensions");
        }
        return Math.toIntExact(tensor.shape()[axis]);
    }

    /** True when the rows (or columns) of the updated weight are brought to trained lengths: DoRA. */
    public boolean decomposed() {
        return tensors.containsKey(DORA);
    }

    /** What the product of the tensors is multiplied by. */
    public double scale() {
        return rank == 0 ? 1 : alpha / rank;
    }

    /** A tensor by role. */
    public TensorView tensor(String role) {
        TensorSource tensor = tensors.get(role);
        if (tensor == null) {
            throw new MalformedException("has no " + role);
        }
        return tensor.view();
    }
}
