package atelier.diffusion.adapter.file;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The last part of a tensor's name in an adapter file: what the tensor is for. PEFT may put the adapter's name into it
 * ({@code lora_A.default.weight}); such a name is left out.
 *
 * @param path what stands before it
 * @param role as {@link ModuleState} names it, or one of the constants here
 */
record KeyRole(String path, String role) {
    static final String ALPHA = "alpha";
    /** A factor of the whole update (LyCORIS). */
    static final String SCALAR = "scalar";
    /** DoRA's lengths in PEFT's shape. */
    static final String PEFT_LENGTHS = "lora_magnitude_vector";
    /** PEFT's bias of the second matrix, which the scale multiplies too. */
    static final String UP_BIAS = "lora_up.bias";
    /** PEFT's IA3: factors, not their distance from one. */
    static final String PEFT_IA3 = "ia3_l";
    /** PEFT's OFT: the upper triangles of skew-symmetric blocks, row by row. */
    static final String PEFT_OFT = "oft_R.weight";
    /** PEFT's LoRA of an embedding table, both matrices transposed. */
    static final String EMBEDDING_A = "lora_embedding_A";

    static final String EMBEDDING_B = "lora_embedding_B";

    private static final String NAME = "(?:\\.(?!weight$|bias$)[^.]+)?";

    private static final Pattern LYCORIS = Pattern.compile("(.+?)\\.(alpha|scalar|dora_scale|diff|diff_b|w_norm|b_norm"
            + "|[ab][12]\\.weight|bm\\.weight|oft_blocks|oft_diag|rescale|on_input|set_weight|set_bias)");

    private static final Pattern NAMED =
            Pattern.compile("(.+?)\\.(lora_(?:down|up|mid)|hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2)"
                    + "|lora_A|lora_B|lora_embedding_[AB]|lora_magnitude_vector|ia3_l|oft_R)" + NAME
                    + "(\\.weight|\\.bias)?");

    private static final Pattern KEPT =
            Pattern.compile("(.+?)\\.(?:modules_to_save" + NAME + "\\.|original_module\\.)?(weight|bias)");

    /** diffusers before PEFT: {@code attn1.processor.to_q_lora.down.weight}, {@code to_q.lora.down.weight}. */
    private static final Pattern OLD_DIFFUSERS =
            Pattern.compile("(.+?)(?:_lora|\\.lora|\\.lora_linear_layer)\\.(down|up)\\.weight");

    /** Custom Diffusion's attention processors hold whole weights. */
    private static final Pattern CUSTOM_DIFFUSION =
            Pattern.compile("(.+?\\.to_(?:q|k|v|out))_custom_diffusion(?:\\.0)?\\.(weight|bias)");

    private static final Map<String, String> ROLES = Map.ofEntries(
            Map.entry("lora_down.weight", ModuleState.DOWN),
            Map.entry("lora_up.weight", ModuleState.UP),
            Map.entry("lora_mid.weight", ModuleState.MID),
            Map.entry("lora_up.bias", UP_BIAS),
            Map.entry("lora_A.weight", ModuleState.DOWN),
            Map.entry("lora_B.weight", ModuleState.UP),
            Map.entry("lora_A", ModuleState.DOWN),
            Map.entry("lora_B", ModuleState.UP),
            Map.entry("lora_B.bias", UP_BIAS),
            Map.entry("lora_magnitude_vector", PEFT_LENGTHS),
            Map.entry("lora_magnitude_vector.weight", PEFT_LENGTHS),
            Map.entry(EMBEDDING_A, EMBEDDING_A),
            Map.entry(EMBEDDING_B, EMBEDDING_B),
            Map.entry("ia3_l", PEFT_IA3),
            Map.entry("oft_R.weight", PEFT_OFT),
            Map.entry("w_norm", ModuleState.DIFF),
            Map.entry("b_norm", ModuleState.DIFF_B));

    /** Reads what any format may have; nothing for other names. */
    static Optional<KeyRole> of(String name) {
        Matcher plain = LYCORIS.matcher(name);
        if (plain.matches()) {
            return Optional.of(new KeyRole(plain.group(1), ROLES.getOrDefault(plain.group(2), plain.group(2))));
        }
        Matcher named = NAMED.matcher(name);
        if (named.matches()) {
            String what = named.group(2) + (named.group(3) == null ? "" : named.group(3));
            boolean factor = what.matches("(hada|lokr)_\\w+");
            String role = factor ? what : ROLES.get(what);
            return role == null ? Optional.empty() : Optional.of(new KeyRole(named.group(1), role));
        }
        Matcher old = OLD_DIFFUSERS.matcher(name);
        if (old.matches()) {
            String role = old.group(2).equals("down") ? ModuleState.DOWN : ModuleState.UP;
            return Optional.of(new KeyRole(oldPath(old.group(1)), role));
        }
        Matcher custom = CUSTOM_DIFFUSION.matcher(name);
        return custom.matches()
                ? Optional.of(new KeyRole(oldPath(custom.group(1)), "set_" + custom.group(2)))
                : Optional.empty();
    }

    /** IA3's weight in LyCORIS's files, which no other format has under so plain a name. */
    static Optional<KeyRole> ofLycoris(String name) {
        return of(name).or(() -> name.endsWith(".weight")
                ? Optional.of(
                        new KeyRole(name.substring(0, name.length() - ".weight".length()), ModuleState.MULTIPLIERS))
                : Optional.empty());
    }

    /** PEFT's files hold modules_to_save and trained biases whole: they take the base's place. */
    static Optional<KeyRole> ofPeft(String name) {
        Optional<KeyRole> update = of(name);
        Matcher kept = KEPT.matcher(name);
        return update.isPresent() || !kept.matches() || name.contains(".lora_") || name.contains(".original_module.")
                ? update
                : Optional.of(new KeyRole(kept.group(1).replaceFirst("\\.base_layer$", ""), "set_" + kept.group(2)));
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
