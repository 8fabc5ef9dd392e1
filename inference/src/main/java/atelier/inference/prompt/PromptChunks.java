package atelier.inference.prompt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A prompt cut into windows that the text encoder takes, each with its tokens' weights. A window that is full moves what
 * follows its last comma on, if that is at most 20 tokens away, so that phrases stay together.
 */
public final class PromptChunks {
    private static final int COMMA_REACH = 20;

    private final Tokens tokens;
    private final List<Chunk> chunks = new ArrayList<>();
    private List<Integer> ids = new ArrayList<>();
    private List<Float> weights = new ArrayList<>();
    private int lastComma = -1;

    private PromptChunks(Tokens tokens) {
        this.tokens = tokens;
    }

    /**
     * A tokenizer, as far as it matters here.
     *
     * @param words the ids of a text, nothing added
     * @param beginning mark at the beginning of a window
     * @param end mark behind the last word
     * @param padding what fills the window
     * @param length of a window, marks included
     */
    public record Tokens(Function<String, int[]> words, int beginning, int end, int padding, int length) {}

    /**
     * One window.
     *
     * @param ids beginning, words, end, padding
     * @param weights one a token; 1 for marks and padding
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    public record Chunk(int[] ids, float[] weights) {}

    /** The windows of a prompt with weights; an empty prompt has one. */
    public static List<Chunk> of(String prompt, Tokens tokens) {
        PromptChunks chunks = new PromptChunks(tokens);
        for (PromptAttention.Part part : PromptAttention.parse(prompt)) {
            chunks.add(part);
        }
        if (!chunks.ids.isEmpty() || chunks.chunks.isEmpty()) {
            chunks.close();
        }
        return chunks.chunks;
    }

    private void add(PromptAttention.Part part) {
        if (part.isBreak()) {
            close();
            return;
        }
        int room = tokens.length() - 2;
        int comma = comma();
        for (int id : tokens.words().apply(part.text())) {
            if (id == comma) {
                lastComma = ids.size();
            } else if (ids.size() == room && lastComma >= 0 && ids.size() - lastComma <= COMMA_REACH) {
                List<Integer> moved = new ArrayList<>(ids.subList(lastComma + 1, ids.size()));
                List<Float> movedWeights = new ArrayList<>(weights.subList(lastComma + 1, weights.size()));
                ids = new ArrayList<>(ids.subList(0, lastComma + 1));
                weights = new ArrayList<>(weights.subList(0, lastComma + 1));
                close();
                ids = moved;
                weights = movedWeights;
            }
            if (ids.size() == room) {
                close();
            }
            ids.add(id);
            weights.add((float) part.weight());
        }
    }

    private int comma() {
        int[] comma = tokens.words().apply(",");
        return comma.length == 1 ? comma[0] : -1;
    }

    private void close() {
        int[] window = new int[tokens.length()];
        float[] factors = new float[tokens.length()];
        Arrays.fill(window, tokens.padding());
        Arrays.fill(factors, 1);
        window[0] = tokens.beginning();
        for (int i = 0; i < ids.size(); i++) {
            window[i + 1] = ids.get(i);
            factors[i + 1] = weights.get(i);
        }
        window[ids.size() + 1] = tokens.end();
        chunks.add(new Chunk(window, factors));
        ids = new ArrayList<>();
        weights = new ArrayList<>();
        lastComma = -1;
    }
}
