package atelier.diffusion.text;

import static atelier.common.error.Checks.check;

import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code embedding} of the configuration: new tokens whose vectors are trained (textual inversion, Gal et al.
 * 2022), alone or together with an adapter.
 *
 * @param tokens what stands for the vectors in captions and prompts; empty trains none
 * @param vectors how many vectors a token has
 * @param init for each token the words that its vectors begin as, or an embedding's file to go on from; empty begins all
 *     at random
 * @param vectorsLr the vectors' learning rate; null for optimizer.lr
 * @param keepNorm whether each vector is brought to the median norm of the vocabulary's after each step
 * @param alone whether nothing else is trained
 */
public record EmbeddingSettings(
        List<String> tokens,
        int vectors,
        List<String> init,
        @Nullable Double vectorsLr,
        boolean keepNorm,
        boolean alone) {
    /** Other programs cut prompts and tensors' names at the rest. */
    private static final String TOKEN = "[^\\s.,:;/\\\\()\\[\\]{}|]+";

    public EmbeddingSettings {
        tokens = List.copyOf(tokens);
        init = List.copyOf(init);
        for (String token : tokens) {
            check(
                    token.matches(TOKEN),
                    "embedding.tokens: a token has no spaces, dots, commas, colons, slashes or brackets, as in <mystyle>;"
                            + " got '%s'",
                    token);
        }
        check(
                new HashSet<>(tokens).size() == tokens.size(),
                "embedding.tokens must name each token once, got %s",
                tokens);
        check(vectors >= 1 && vectors <= 75, "embedding.vectors must be from 1 to 75, got %s", vectors);
        check(
                init.isEmpty() || init.size() == tokens.size(),
                "embedding.init must be empty or have an entry for each of embedding.tokens, got %s",
                init);
        check(init.stream().noneMatch(String::isBlank), "embedding.init must have words in each entry, got %s", init);
        check(vectorsLr == null || vectorsLr > 0, "embedding.vectors_lr must be above 0 or null, got %s", vectorsLr);
        check(!alone || !tokens.isEmpty(), "embedding.alone needs embedding.tokens, got %s", tokens);
    }

    /** Whether any vectors are trained. */
    public boolean isTrained() {
        return !tokens.isEmpty();
    }
}
