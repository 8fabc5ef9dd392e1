package atelier.diffusion.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * CLIP's tokenizer: byte-level byte-pair encoding over lower-cased words, each word's last symbol marked {@code </w>}.
 * Gives the ids of transformers' {@code CLIPTokenizer} (without ftfy), from any vocabulary and merges. Safe for use by
 * several threads.
 *
 * <p>Source: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021.
 */
public final class ClipTokenizer {
    private final Vocabulary vocabulary;
    private final BytePairs pairs;
    private final int beginning;
    private final int end;
    private final int padding;
    private final int unknown;

    ClipTokenizer(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        this.pairs = new BytePairs(vocabulary.merges());
        this.beginning = vocabulary.special("bos_token");
        this.end = vocabulary.special("eos_token");
        this.padding = vocabulary.special("pad_token");
        this.unknown = vocabulary.special("unk_token");
    }

    /**
     * Reads a tokenizer's folder: vocab.json and merges.txt, or tokenizer.json where they are missing; the special
     * tokens and the length from tokenizer_config.json and special_tokens_map.json.
     *
     * @throws WrongCommandException when the folder lacks a file or a file is not what it should be
     * @throws IOException when reading fails
     */
    public static ClipTokenizer open(Path folder) throws IOException {
        return new ClipTokenizer(VocabularyFiles.read(folder));
    }

    /**
     * CLIP's own vocabulary of 49,408 tokens, for checkpoints in a single file, which carry none.
     *
     * @param paddingToken {@code <|endoftext|>} for CLIP's encoder, {@code !} for OpenCLIP's (Stable Diffusion 2.x, and
     *     XL's second)
     */
    public static ClipTokenizer bundled(String paddingToken) {
        return new ClipTokenizer(VocabularyFiles.bundled(paddingToken));
    }

    /** Tokens of an encoded prompt, beginning and end included: 77 for Stable Diffusion. */
    public int maxLength() {
        return vocabulary.maxLength();
    }

    public int beginningId() {
        return beginning;
    }

    public int endId() {
        return end;
    }

    public int paddingId() {
        return padding;
    }

    /**
     * A prompt's ids: beginning, the words cut to fit, end, padding; {@link #maxLength()} in all. An empty prompt is
     * beginning, end and padding.
     */
    public int[] encode(String text) {
        int[] words = words(text);
        int[] ids = new int[maxLength()];
        Arrays.fill(ids, padding);
        int kept = Math.min(words.length, ids.length - 2);
        ids[0] = beginning;
        System.arraycopy(words, 0, ids, 1, kept);
        ids[kept + 1] = end;
        return ids;
    }

    /** The ids of a text's words alone: not cut, nothing added. More than maxLength - 2 do not fit a prompt. */
    public int[] words(String text) {
        List<Integer> ids = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < text.length(); ) {
            String added = addedAt(text, at);
            if (added.isEmpty()) {
                at++;
                continue;
            }
            plainWords(text.substring(from, at), ids);
            ids.add(vocabulary.added().get(added));
            at += added.length();
            from = at;
        }
        plainWords(text.substring(from), ids);
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The longest added token that begins at an index of the text as it was given, or the empty string. */
    private String addedAt(String text, int at) {
        String longest = "";
        for (String token : vocabulary.added().keySet()) {
            if (token.length() > longest.length() && text.startsWith(token, at)) {
                longest = token;
            }
        }
        return longest;
    }

    private void plainWords(String text, List<Integer> ids) {
        for (String word : ClipText.words(text)) {
            for (String symbol : isSpecial(word) ? List.of(word) : pairs.split(word)) {
                ids.add(vocabulary.ids().getOrDefault(symbol, unknown));
            }
        }
    }

    private static boolean isSpecial(String word) {
        return word.equals(ClipText.BEGINNING) || word.equals(ClipText.END);
    }
}
