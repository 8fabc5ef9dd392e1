package atelier.diffusion.text;

import atelier.common.error.WrongCommandException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds embedding tokens in prompts. A token is found as it is written, upper and lower case told apart, at word borders:
 * "cat" is not found in "catalogue".
 */
final class EmbeddingTokens {
    private final List<Word> words = new ArrayList<>();

    /** A token and the ids that stand for it. */
    private record Word(String token, int[] ids) {
        boolean at(String text, int at) {
            int end = at + token.length();
            return text.startsWith(token, at)
                    && !(at > 0 && joins(token.codePointAt(0), text.codePointBefore(at)))
                    && !(end < text.length() && joins(token.codePointBefore(token.length()), text.codePointAt(end)));
        }

        private static boolean joins(int own, int beside) {
            return Character.isLetterOrDigit(own) && (Character.isLetterOrDigit(beside) || beside == '_');
        }
    }

    void add(String token, int firstId, int count) {
        if (words.stream().anyMatch(word -> word.token().equals(token))) {
            throw new WrongCommandException(
                    "two embeddings have the token '" + token + "'; give one of them another: embeddings=[file:token]");
        }
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = firstId + i;
        }
        words.add(new Word(token, ids));
        words.sort(Comparator.comparingInt((Word word) -> word.token().length()).reversed());
    }

    /** The ids of a text, by the tokenizer's words between the trained ones. */
    int[] ids(String text, ClipTokenizer tokenizer) {
        if (words.isEmpty()) {
            return tokenizer.words(text);
        }
        List<Integer> ids = new ArrayList<>();
        int from = 0;
        int at = 0;
        while (at < text.length()) {
            Word found = found(text, at);
            if (found == null) {
                at += Character.charCount(text.codePointAt(at));
                continue;
            }
            add(tokenizer.words(text.substring(from, at)), ids);
            add(found.ids(), ids);
            at += found.token().length();
            from = at;
        }
        add(tokenizer.words(text.substring(from)), ids);
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private @Nullable Word found(String text, int at) {
        return words.stream().filter(word -> word.at(text, at)).findFirst().orElse(null);
    }

    private static void add(int[] more, List<Integer> ids) {
        for (int id : more) {
            ids.add(id);
        }
    }
}
