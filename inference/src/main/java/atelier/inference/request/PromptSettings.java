package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What to draw.
 *
 * @param prompt the words; null with {@code prompts} or {@code from}
 * @param negativePrompt the words to stay away from; empty for none
 * @param prompts a file of prompts, see {@link PromptList}; null for none
 * @param fromImage a picture that is made again; null for none
 * @param seed of the first picture of a prompt; the next ones take the next numbers; -1 draws a random one
 * @param count pictures of each prompt
 * @param wildcards lists that prompts may choose from
 */
public record PromptSettings(
        @Nullable String prompt,
        String negativePrompt,
        @Nullable Path prompts,
        @Nullable Path fromImage,
        long seed,
        int count,
        WildcardSettings wildcards) {

    public PromptSettings {
        int given = (prompt == null ? 0 : 1) + (prompts == null ? 0 : 1) + (fromImage == null ? 0 : 1);
        if (given == 0) {
            throw new WrongCommandException("prompt is not set; say what to draw: prompt=\"a fox in the snow\"");
        }
        if (given > 1) {
            throw new WrongCommandException("give one of prompt, prompts and from_image, not several");
        }
        if (count < 1) {
            throw new WrongCommandException("count must be at least 1, got " + count);
        }
    }

    /** @param dir folder of text files with a choice a line; null for none */
    public record WildcardSettings(@Nullable Path dir) {
        /** No lists. */
        public static final WildcardSettings NONE = new WildcardSettings(null);
    }
}
