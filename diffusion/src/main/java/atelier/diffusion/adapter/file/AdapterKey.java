package atelier.diffusion.adapter.file;

import atelier.diffusion.weights.name.Component;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a tensor's name in an adapter file says, in whichever format.
 *
 * @param component the network
 * @param path the layer's path with dots, in diffusers' or LDM's layout; of text encoders always with {@code text_model.}
 * @param role as {@link ModuleState} or {@link KeyRole} names it
 */
public record AdapterKey(Component component, String path, String role) {
    private static final Map<String, Component> KOHYA = prefixes(
            "lora_unet_", Component.UNET,
            "oft_unet_", Component.UNET,
            "lora_te1_", Component.TEXT_ENCODER,
            "lora_te2_", Component.TEXT_ENCODER_2,
            "lora_te_", Component.TEXT_ENCODER,
            "lycoris_", Component.UNET);

    private static final Map<String, Component> DOTTED = prefixes(
            "unet.", Component.UNET,
            "model.diffusion_model.", Component.UNET,
            "diffusion_model.", Component.UNET,
            "text_encoder_2.", Component.TEXT_ENCODER_2,
            "text_encoder.", Component.TEXT_ENCODER,
            "text_encoders.clip_l.transformer.", Component.TEXT_ENCODER,
            "text_encoders.clip_h.transformer.", Component.TEXT_ENCODER,
            "text_encoders.clip_g.transformer.", Component.TEXT_ENCODER_2,
            "text_encoders.clip_l.", Component.TEXT_ENCODER,
            "text_encoders.clip_h.", Component.TEXT_ENCODER,
            "text_encoders.clip_g.", Component.TEXT_ENCODER_2,
            "clip_l.transformer.", Component.TEXT_ENCODER,
            "clip_h.transformer.", Component.TEXT_ENCODER,
            "clip_g.transformer.", Component.TEXT_ENCODER_2);

    private static final String PEFT = "base_model.model.";

    private static final Pattern TEXT_LAYER = Pattern.compile(
            "(text_model\\.)?((encoder\\.layers|embeddings)\\..*|final_layer_norm)|text_projection(\\..*)?");

    private static final Pattern UNET_LAYER = Pattern.compile("(down_blocks|up_blocks|mid_block|conv_in|conv_out"
            + "|conv_norm_out|time_embedding|add_embedding|input_blocks|middle_block|output_blocks|time_embed|label_emb)"
            + "(\\..*)?");

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
                return KeyRole.ofLycoris(name.substring(prefix.getKey().length()))
                        .flatMap(split ->
                                ModulePath.dotted(split.path()).map(path -> of(prefix.getValue(), path, split.role())));
            }
        }
        boolean peft = name.startsWith(PEFT);
        String rest = name;
        while (rest.startsWith(PEFT)) {
            rest = rest.substring(PEFT.length());
        }
        for (Map.Entry<String, Component> prefix : DOTTED.entrySet()) {
            if (rest.startsWith(prefix.getKey())) {
                return split(rest.substring(prefix.getKey().length()), peft)
                        .map(split -> of(prefix.getValue(), split.path(), split.role()));
            }
        }
        return split(rest, peft)
                .filter(split -> peft || isLayer(split.path()))
                .map(split -> of(Component.UNET, split.path(), split.role()));
    }

    private static Optional<KeyRole> split(String rest, boolean peft) {
        return peft ? KeyRole.ofPeft(rest) : KeyRole.of(rest);
    }

    private static boolean isLayer(String path) {
        return UNET_LAYER.matcher(path).matches() || TEXT_LAYER.matcher(path).matches();
    }

    /** A text encoder's layer belongs to one whatever its prefix says; transformers 5 leaves {@code text_model.} out. */
    private static AdapterKey of(Component component, String path, String role) {
        if (!TEXT_LAYER.matcher(path).matches()) {
            return new AdapterKey(component, path, role);
        }
        boolean bare = !path.startsWith("text_model.") && !path.startsWith("text_projection");
        return new AdapterKey(
                component.isTextEncoder() ? component : Component.TEXT_ENCODER,
                bare ? "text_model." + path : path,
                role);
    }
}
