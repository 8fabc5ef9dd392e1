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

    private DiffusersNames() {}

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
