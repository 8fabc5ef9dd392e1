package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A textual inversion that prompts may use.
 *
 * @param file a .safetensors file
 * @param token what stands for it in prompts; null for the one that the file says
 */
public record EmbeddingChoice(Path file, @Nullable String token) {
    /** Reads {@code file} or {@code file:token}. */
    public static EmbeddingChoice parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon > 0 && !text.endsWith(".safetensors")) {
            return new EmbeddingChoice(Path.of(text.substring(0, colon)), text.substring(colon + 1));
        }
        if (text.isBlank()) {
            throw new WrongCommandException("an embedding is a file, or file:token");
        }
        return new EmbeddingChoice(Path.of(text), null);
    }
}
