package atelier.diffusion.adapter.file;

import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.weights.safetensors.Finite;
import atelier.diffusion.weights.safetensors.TensorView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Embedding tokens inside of an adapter's file, as OneTrainer writes and A1111 reads them: {@code
 * bundle_emb.TOKEN.string_to_param.*}, {@code bundle_emb.TOKEN.emb_params}, or {@code clip_l} and {@code clip_g} for XL.
 */
final class BundledEmbeddings {
    private static final Pattern NAME =
            Pattern.compile("bundle_emb\\.(.+)\\.(string_to_param\\.\\*|emb_params|clip_l|clip_g)");

    private final Path file;
    private final Map<String, Map<String, TensorView>> tokens = new TreeMap<>();

    BundledEmbeddings(Path file) {
        this.file = file;
    }

    /** Takes a tensor, if it is one of them. */
    boolean add(String name, TensorView tensor) {
        Matcher matcher = NAME.matcher(name);
        boolean matches = matcher.matches() && tensor.dtype().isFloat() && tensor.shape().length <= 2;
        if (matches) {
            Finite.require(file.toString(), name, tensor);
            tokens.computeIfAbsent(matcher.group(1), absent -> new TreeMap<>()).put(matcher.group(2), tensor);
        }
        return matches;
    }

    /** A token's tensors as OneTrainer writes them. */
    static Map<String, TensorView> tensors(TextualInversion embedding) {
        String name = AdapterFormat.BUNDLE + embedding.token() + ".";
        List<TensorView> vectors = embedding.vectors();
        return vectors.size() > 1
                ? Map.of(name + "clip_l", vectors.get(0), name + "clip_g", vectors.get(1))
                : Map.of(name + "string_to_param.*", vectors.get(0));
    }

    /** The embeddings, of XL with the first encoder's vectors before the second's. */
    List<TextualInversion> read() {
        List<TextualInversion> read = new ArrayList<>();
        tokens.forEach((token, tensors) -> {
            List<TensorView> vectors = new ArrayList<>();
            // clip_l stands behind clip_g in the alphabet.
            List<String> parts = new ArrayList<>(tensors.keySet());
            if (parts.remove("clip_g")) {
                parts.add("clip_g");
            }
            for (String part : parts) {
                TensorView tensor = Objects.requireNonNull(tensors.get(part));
                vectors.add(tensor.shape().length == 2 ? tensor : tensor.reshape(1, tensor.elements()));
            }
            read.add(new TextualInversion(file, token, vectors));
        });
        return read;
    }
}
