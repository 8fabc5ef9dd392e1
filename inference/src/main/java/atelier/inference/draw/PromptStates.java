package atelier.inference.draw;

import atelier.diffusion.text.ClipTokenizer;
import atelier.diffusion.text.PromptEncoder;
import atelier.diffusion.text.TextStates;
import atelier.inference.prompt.Emphasis;
import atelier.inference.prompt.PromptChunks;
import atelier.inference.prompt.PromptChunks.Chunk;
import atelier.inference.prompt.PromptSchedule;
import atelier.inference.request.ImageRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The states of a request's prompts at each step: the prompt's and those to stay away from. Each text of a schedule is
 * encoded once, when it is first asked for, and the same step gives the same object.
 */
final class PromptStates {
    private final PromptEncoder encoder;
    private final int clipSkip;
    private final int steps;
    private final String text;
    private final String avoidedText;
    private final PromptSchedule prompt;
    private final PromptSchedule negative;
    private final Map<String, TextStates> prompted = new HashMap<>();
    private final Map<String, TextStates> avoided = new HashMap<>();
    private final Map<Padded, TextStates> lengthened = new HashMap<>();

    /** A shorter text and the tokens that it is brought to. */
    private record Padded(TextStates states, int tokens) {}

    private PromptStates(PromptEncoder encoder, ImageRequest request) {
        this.encoder = encoder;
        clipSkip = request.sampling().clipSkip();
        steps = request.sampling().steps();
        text = request.prompt();
        avoidedText = request.negativePrompt();
        prompt = PromptSchedule.of(text, steps);
        negative = PromptSchedule.of(avoidedText, steps);
    }

    static PromptStates of(PromptEncoder encoder, ImageRequest request) {
        return new PromptStates(encoder, request);
    }

    /** Encodes all that any step will ask for: from then on the encoder is not needed. */
    void encodeAll() {
        for (int step = 0; step < steps; step++) {
            with(step);
            without(step);
        }
    }

    /** Whether another request would be told the same. */
    boolean sameFor(ImageRequest other) {
        return text.equals(other.prompt())
                && avoidedText.equals(other.negativePrompt())
                && clipSkip == other.sampling().clipSkip()
                && steps == other.sampling().steps();
    }

    /** With the prompt, for a step of the schedule; as long as {@link #without}. */
    TextStates with(int step) {
        return padded(promptAt(step), negativeAt(step).tokens());
    }

    /** Without it, or with the negative prompt. */
    TextStates without(int step) {
        return padded(negativeAt(step), promptAt(step).tokens());
    }

    private TextStates promptAt(int step) {
        return prompted.computeIfAbsent(prompt.textAt(step), text -> encode(text, clipSkip));
    }

    /** Layers are left out of the prompt alone, as in diffusers; SDXL takes zeros for no negative prompt. */
    private TextStates negativeAt(int step) {
        return avoided.computeIfAbsent(negative.textAt(step), text -> {
            TextStates states = encode(text, 0);
            boolean zeros = avoidedText.isEmpty() && states.pooled().length > 0;
            return zeros
                    ? new TextStates(
                            new float[states.states().length],
                            states.tokens(),
                            states.width(),
                            new float[states.pooled().length])
                    : states;
        });
    }

    private TextStates padded(TextStates states, int tokens) {
        if (states.tokens() >= tokens) {
            return states;
        }
        return lengthened.computeIfAbsent(
                new Padded(states, tokens), padded -> lengthened(padded.states(), padded.tokens()));
    }

    /** With windows of the empty text behind it. */
    private TextStates lengthened(TextStates states, int tokens) {
        TextStates empty = avoided.computeIfAbsent("", text -> encode(text, 0));
        List<TextStates> windows = new ArrayList<>(List.of(states));
        for (int length = states.tokens(); length < tokens; length += empty.tokens()) {
            windows.add(empty);
        }
        return joined(windows);
    }

    private TextStates encode(String text, int skip) {
        List<List<Chunk>> chunks = new ArrayList<>();
        List<long[][]> ids = new ArrayList<>();
        int length = encoder.length();
        for (int e = 0; e < encoder.encoders().size(); e++) {
            ClipTokenizer tokenizer = encoder.tokenizers().get(e);
            int number = e;
            List<Chunk> own = PromptChunks.of(
                    text,
                    new PromptChunks.Tokens(
                            words -> encoder.words(number, words),
                            tokenizer.beginningId(),
                            tokenizer.endId(),
                            tokenizer.paddingId(),
                            length));
            chunks.add(own);
            ids.add(own.stream()
                    .map(chunk -> Arrays.stream(chunk.ids()).asLongStream().toArray())
                    .toArray(long[][]::new));
        }
        List<TextStates> windows = encoder.encodeIds(ids, skip);
        for (int i = 0; i < windows.size(); i++) {
            Emphasis.apply(windows.get(i).states(), chunks.get(0).get(i).weights());
        }
        return joined(windows);
    }

    /** Windows one behind the other; the pooled text is the first one's. */
    private static TextStates joined(List<TextStates> windows) {
        TextStates first = windows.get(0);
        if (windows.size() == 1) {
            return first;
        }
        int tokens = windows.stream().mapToInt(TextStates::tokens).sum();
        float[] states = new float[tokens * first.width()];
        int at = 0;
        for (TextStates window : windows) {
            System.arraycopy(window.states(), 0, states, at, window.states().length);
            at += window.states().length;
        }
        return new TextStates(states, tokens, first.width(), first.pooled());
    }
}
