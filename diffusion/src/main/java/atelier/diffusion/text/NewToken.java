package atelier.diffusion.text;

import atelier.common.error.WrongCommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A token that is to be trained.
 *
 * @param token what stands for it in prompts
 * @param vectors how many it has
 * @param words that its vectors begin as; null for others
 * @param given vectors to go on from; null for others. With neither it begins at random
 */
public record NewToken(
        String token,
        int vectors,
        @Nullable String words,
        @Nullable TextualInversion given) {
    /**
     * The tokens that settings name.
     *
     * @throws WrongCommandException when a file that an entry of embedding.init names has another number of vectors
     */
    public static List<NewToken> of(EmbeddingSettings settings) throws IOException {
        List<NewToken> all = new ArrayList<>();
        for (int i = 0; i < settings.tokens().size(); i++) {
            String token = settings.tokens().get(i);
            String init = settings.init().isEmpty() ? null : settings.init().get(i);
            boolean file = init != null && init.endsWith(".safetensors");
            if (file && !Files.exists(Path.of(init))) {
                throw new WrongCommandException(
                        "embedding.init: '" + init + "' does not exist; it names an embedding's file, or words");
            }
            TextualInversion given = file ? TextualInversion.read(Path.of(init), token) : null;
            if (given != null && given.count() != settings.vectors()) {
                throw new WrongCommandException("embedding.init: " + init + " has " + given.count()
                        + " vectors, and embedding.vectors is " + settings.vectors() + "; set it to that");
            }
            all.add(new NewToken(token, settings.vectors(), file ? null : init, given));
        }
        return all;
    }
}
