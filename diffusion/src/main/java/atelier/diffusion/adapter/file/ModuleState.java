package atelier.diffusion.adapter.file;

import atelier.common.error.MalformedException;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One layer's update, as files hold it. Roles are the suffixes of kohya's and LyCORIS's files: {@code
 * lora_down.weight} [rank, in(, k, k)], {@code lora_up.weight} [out, rank(, 1, 1)], {@code lora_mid.weight} [rank, rank,
 * k, k], {@code dora_scale} [out, 1(, 1, 1)], {@code hada_w1_a} [out, rank], {@code hada_w1_b} [rank, in(, k, k)],
 * {@code hada_w2_a}, {@code hada_w2_b}, {@code hada_t1}, {@code hada_t2}, {@code lokr_w1}, {@code lokr_w1_a}, {@code
 * lokr_w1_b}, {@code lokr_w2}, {@code lokr_w2_a}, {@code lokr_w2_b}, {@code lokr_t2}, {@code diff}.
 *
 * @param method how the tensors make the update
 * @param tensors by role; alpha is not among them
 * @param alpha the update is alpha / rank times what the tensors give
 * @param rank 0 where the method has none
 */
public record ModuleState(AdapterMethod method, Map<String, TensorSource> tensors, double alpha, int rank) {
    public static final String DOWN = "lora_down.weight";
    public static final String UP = "lora_up.weight";
    public static final String MID = "lora_mid.weight";
    public static final String DORA = "dora_scale";
    public static final String DIFF = "diff";

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
        AdapterMethod method;
        int rank;
        if (tensors.containsKey(DOWN) && tensors.containsKey(UP)) {
            method = AdapterMethod.LORA;
            rank = dimension(tensors, DOWN, 0);
        } else if (hasAll(tensors, "hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b")) {
            method = AdapterMethod.LOHA;
            rank = dimension(tensors, "hada_w1_b", 0);
        } else if (hasEither(tensors, "lokr_w1") && hasEither(tensors, "lokr_w2")) {
            method = AdapterMethod.LOKR;
            rank = tensors.containsKey("lokr_w2_b")
                    ? dimension(tensors, "lokr_w2_b", 0)
                    : tensors.containsKey("lokr_w1_b") ? dimension(tensors, "lokr_w1_b", 0) : 0;
        } else if (tensors.containsKey(DIFF)) {
            method = AdapterMethod.FULL;
            rank = 0;
        } else {
            throw new MalformedException("has " + tensors.keySet() + ", which make no update of a known method");
        }
        return new ModuleState(method, tensors, alpha == null ? rank : alpha, rank);
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

    private static int dimension(Map<String, TensorSource> tensors, String role, int axis) {
        TensorSource tensor = tensors.get(role);
        if (tensor == null || tensor.shape().length <= axis) {
            throw new MalformedException("has a " + role + " without dimensions");
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
