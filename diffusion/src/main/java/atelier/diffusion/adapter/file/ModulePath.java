package atelier.diffusion.adapter.file;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Module paths with dots and with underscores. Kohya's names write a path's dots as underscores; since the parts have
 * underscores too, the way back goes by the list of parts that Stable Diffusion's networks are made of.
 */
final class ModulePath {
    /** Parts with an underscore inside, the longest first; all others are taken up to the next underscore. */
    private static final List<String> PARTS = Stream.of(
                    "down_blocks",
                    "up_blocks",
                    "mid_block",
                    "transformer_blocks",
                    "proj_in",
                    "proj_out",
                    "to_q",
                    "to_k",
                    "to_v",
                    "to_out",
                    "time_emb_proj",
                    "conv_shortcut",
                    "conv_in",
                    "conv_out",
                    "conv_norm_out",
                    "time_embedding",
                    "add_embedding",
                    "linear_1",
                    "linear_2",
                    "group_norm",
                    "input_blocks",
                    "middle_block",
                    "output_blocks",
                    "in_layers",
                    "out_layers",
                    "emb_layers",
                    "skip_connection",
                    "time_embed",
                    "label_emb",
                    "text_model",
                    "self_attn",
                    "q_proj",
                    "k_proj",
                    "v_proj",
                    "out_proj",
                    "text_projection",
                    "final_layer_norm",
                    "layer_norm1",
                    "layer_norm2",
                    "token_embedding",
                    "position_embedding")
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();

    private ModulePath() {}

    /** The path with underscores. */
    static String flat(String path) {
        return path.replace('.', '_');
    }

    /** The path with dots, or empty when it is not made of known parts and single words. */
    static Optional<String> dotted(String flat) {
        StringBuilder path = new StringBuilder();
        int at = 0;
        while (at < flat.length()) {
            String part = partAt(flat, at);
            if (part.isEmpty()) {
                return Optional.empty();
            }
            path.append(path.isEmpty() ? "" : ".").append(part);
            at += part.length() + 1;
        }
        return path.isEmpty() ? Optional.empty() : Optional.of(path.toString());
    }

    private static String partAt(String flat, int at) {
        for (String part : PARTS) {
            int end = at + part.length();
            if (flat.startsWith(part, at) && (end == flat.length() || flat.charAt(end) == '_')) {
                return part;
            }
        }
        int end = flat.indexOf('_', at);
        return flat.substring(at, end < 0 ? flat.length() : end);
    }

    /** True for a path in the layout of the original code. */
    static boolean isLdm(String path) {
        return path.startsWith("input_blocks.")
                || path.startsWith("middle_block.")
                || path.startsWith("output_blocks.")
                || path.startsWith("time_embed.")
                || path.startsWith("label_emb.")
                || path.startsWith("out.");
    }
}
