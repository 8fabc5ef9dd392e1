package atelier.diffusion.adapter.file;

import atelier.diffusion.weights.name.Component;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a tensor's name in an adapter file says, in whichever format.
 *
 * @param component the network
 * @param path the layer's path with dots, in diffusers' or LDM's layout
 * @param role as {@link ModuleState} names it, or {@code alpha}, or {@link #PEFT_LENGTHS}
 */
public record AdapterKey(Component component, String path, String role) {
    private static final Map<String, Component> KOHYA = prefixes(
            "lora_unet_", Component.UNET,
            "lora_te1_", Component.TEXT_ENCODER,
            "lora_te2_", Component.TEXT_ENCODER_2,
            "lora_te_", Component.TEXT_ENCODER,
            "lycoris_", Component.UNET);

    private static final Map<String, Component> DOTTED = prefixes(
            "unet.", Component.UNET,
            "diffusion_model.", Component.UNET,
            "text_encoder_2.", Component.TEXT_ENCODER_2,
            "text_encoder.", Component.TEXT_ENCODER);

    /** The role of DoRA's lengths in PEFT's shape. */
    static final String PEFT_LENGTHS = "lora_magnitude_vector";

    private static final String PEFT = "base_model.model.";

    private static final Pattern ROLE = Pattern.compile("(.+?)\\.(alpha|dora_scale|diff|lora_(?:down|up|mid)\\.weight"
            + "|hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2))");

    private static final Pattern PEFT_ROLE =
            Pattern.compile("(.+?)\\.(lora_A\\.weight|lora_B\\.weight|lora_magnitude_vector(?:\\.weight)?)");

    /** diffusers before PEFT: {@code attn1.processor.to_q_lora.down.weight}, {@code to_q.lora.down.weight}. */
    private static final Pattern OLD_DIFFUSERS =
            Pattern.compile("(.+?)(?:_lora|\\.lora|\\.lora_linear_layer)\\.(down|up)\\.weight");

    private static Map<String, Component> prefixes(Object... pairs) {
        Map<String, Component> prefixes = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            prefixes.put((String) pairs[i], (Component) pairs[i + 1]);
        }
        return prefixes;
    }

    /** Reads a name, or gives nothing for one that no known format has. */
    public static Optional<AdapterKey> parse(String name) {
        for (Map.Entry<String, Component> prefix : KOHYA.entrySet()) {
            if (name.startsWith(prefix.getKey())) {
                return role(name.substring(prefix.getKey().length()))
                        .flatMap(split -> ModulePath.dotted(split.path())
                                .map(path -> new AdapterKey(prefix.getValue(), path, split.role())));
            }
        }
        String rest = name.startsWith(PEFT) ? name.substring(PEFT.length()) : name;
        for (Map.Entry<String, Component> prefix : DOTTED.entrySet()) {
            if (rest.startsWith(prefix.getKey())) {
                return role(rest.substring(prefix.getKey().length()))
                        .map(split -> new AdapterKey(prefix.getValue(), split.path(), split.role()));
            }
        }
        if (!name.startsWith(PEFT)) {
            return Optional.empty();
        }
        Component guess = rest.startsWith("text_model.") || rest.startsWith("text_projection.")
                ? Component.TEXT_ENCODER
                : Component.UNET;
        return role(rest).map(split -> new AdapterKey(guess, split.path(), split.role()));
    }

    private record Split(String path, String role) {}

    private static Optional<Split> role(String rest) {
        Matcher plain = ROLE.matcher(rest);
        if (plain.matches()) {
            return Optional.of(new Split(plain.group(1), plain.group(2)));
        }
        Matcher peft = PEFT_ROLE.matcher(rest);
        if (peft.matches()) {
            String role = peft.group(2).startsWith("lora_A")
                    ? ModuleState.DOWN
                    : peft.group(2).startsWith("lora_B") ? ModuleState.UP : PEFT_LENGTHS;
            return Optional.of(new Split(peft.group(1), role));
        }
        Matcher old = OLD_DIFFUSERS.matcher(rest);
        if (old.matches()) {
            return Optional.of(
                    new Split(oldPath(old.group(1)), old.group(2).equals("down") ? ModuleState.DOWN : ModuleState.UP));
        }
        return Optional.empty();
    }

    /** The attention processors' names end in to_out where the layer is to_out.0, and to_q in text encoders too. */
    private static String oldPath(String path) {
        String plain = path.replace(".processor.", ".");
        if (plain.contains("self_attn.to_")) {
            return plain.replace("self_attn.to_", "self_attn.") + "_proj";
        }
        return plain.endsWith(".to_out") ? plain + ".0" : plain;
    }
}
