package atelier.diffusion.weights.name;

import atelier.diffusion.weights.safetensors.TensorView;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Brings the names that older releases of diffusers and transformers wrote to today's. */
public final class DiffusersNames {
    /** The autoencoder's attention was named otherwise until diffusers 0.17. */
    private static final Map<String, String> VAE_ATTENTION =
            Map.of("query", "to_q", "key", "to_k", "value", "to_v", "proj_attn", "to_out.0");

    private static final Pattern OLD_VAE_ATTENTION =
            Pattern.compile("(.*\\.mid_block\\.attentions\\.0\\.)(query|key|value|proj_attn)(\\.weight|\\.bias)");
    private static final Pattern VAE_ATTENTION_WEIGHT =
            Pattern.compile(".*\\.mid_block\\.attentions\\.0\\.(to_q|to_k|to_v|to_out\\.0)\\.weight");

    /** The same in LDM's layout, where some converters leave diffusers' names of either age. */
    private static final Pattern LDM_ATTENTION = Pattern.compile(
            "(.*\\.mid\\.attn_1\\.)(to_q|to_k|to_v|to_out\\.0|query|key|value|proj_attn|group_norm)(\\.weight|\\.bias)");

    private static final Map<String, String> LDM_PARTS = Map.of(
            "to_q", "q",
            "query", "q",
            "to_k", "k",
            "key", "k",
            "to_v", "v",
            "value", "v",
            "to_out.0", "proj_out",
            "proj_attn", "proj_out",
            "group_norm", "norm");

    private DiffusersNames() {}

    /** The autoencoder's attention under the original code's names, whichever of three a file has. */
    public static String ldmVae(String name) {
        Matcher attention = LDM_ATTENTION.matcher(name);
        return attention.matches() ? attention.group(1) + LDM_PARTS.get(attention.group(2)) + attention.group(3) : name;
    }

    /** Today's name, or empty for a buffer that is no weight. */
    public static Optional<String> current(Component component, String name) {
        if (name.endsWith("position_ids")) {
            return Optional.empty();
        }
        if (component == Component.VAE) {
            Matcher old = OLD_VAE_ATTENTION.matcher(name);
            if (old.matches()) {
                return Optional.of(old.group(1) + VAE_ATTENTION.get(old.group(2)) + old.group(3));
            }
        }
        boolean bare = name.startsWith("embeddings.")
                || name.startsWith("encoder.layers.")
                || name.startsWith("final_layer_norm.");
        return Optional.of(component.isTextEncoder() && bare ? "text_model." + name : name);
    }

    /** The autoencoder's attention weights were 1x1 convolutions once, [c, c, 1, 1]; they are linear now, [c, c]. */
    public static TensorView reshaped(Component component, String name, TensorView tensor) {
        long[] shape = tensor.shape();
        boolean pointwise = component == Component.VAE
                && shape.length == 4
                && VAE_ATTENTION_WEIGHT.matcher(name).matches();
        return pointwise ? tensor.reshape(Arrays.copyOf(shape, 2)) : tensor;
    }
}
