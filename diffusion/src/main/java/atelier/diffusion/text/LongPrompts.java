package atelier.diffusion.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Prompts longer than one window of the text encoder: cut into windows of 75 words' tokens, each encoded by itself with its
 * own beginning and end, and their states laid one behind the other. A shorter prompt gets windows without words at its
 * end, so that all states have one size. The pooled text is the first window's.
 */
public final class LongPrompts {
    private LongPrompts() {}

    /**
     * The states of prompts, each [windows * 77, width].
     *
     * @param windows how many a prompt gets; what does not fit into them is cut
     * @param skip layers left out at the end: 0, or 1 for what users call clip skip 2
     */
    public static List<TextStates> encode(PromptEncoder encoder, List<String> prompts, int windows, int skip) {
        if (windows < 1) {
            throw new IllegalArgumentException("a prompt gets at least 1 window, got " + windows);
        }
        if (windows == 1) {
            return encoder.encode(prompts, skip);
        }
        List<long[][]> ids = new ArrayList<>();
        for (int e = 0; e < encoder.tokenizers().size(); e++) {
            ClipTokenizer tokenizer = encoder.tokenizers().get(e);
            int length = encoder.encoders().get(e).config().positions();
            List<long[]> all = new ArrayList<>();
            for (String prompt : prompts) {
                all.addAll(windows(tokenizer, prompt, length, windows));
            }
            ids.add(all.toArray(long[][]::new));
        }
        List<TextStates> parts = encoder.encodeIds(ids, skip);
        List<TextStates> whole = new ArrayList<>();
        for (int p = 0; p < prompts.size(); p++) {
            whole.add(joined(parts.subList(p * windows, (p + 1) * windows)));
        }
        return whole;
    }

    /** Exactly {@code count} windows of a prompt's tokens: beginning, words, end, padding. */
    static List<long[]> windows(ClipTokenizer tokenizer, String prompt, int length, int count) {
        int[] words = tokenizer.words(prompt);
        int room = length - 2;
        List<long[]> windows = new ArrayList<>();
        for (int w = 0; w < count; w++) {
            long[] window = new long[length];
            int from = Math.min(w * room, words.length);
            int kept = Math.min(room, words.length - from);
            Arrays.fill(window, tokenizer.paddingId());
            window[0] = tokenizer.beginningId();
            for (int i = 0; i < kept; i++) {
                window[i + 1] = words[from + i];
            }
            window[kept + 1] = tokenizer.endId();
            windows.add(window);
        }
        return windows;
    }

    private static TextStates joined(List<TextStates> windows) {
        TextStates first = windows.get(0);
        float[] states = new float[windows.size() * first.states().length];
        for (int w = 0; w < windows.size(); w++) {
            System.arraycopy(windows.get(w).states(), 0, states, w * first.states().length, first.states().length);
        }
        return new TextStates(states, windows.size() * first.tokens(), first.width(), first.pooled());
    }
}
