package atelier.diffusion.text;

import ai.djl.ndarray.NDArray;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.Component;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A model's tokenizers and text encoders together: prompts to the states that its UNet was trained with. SD1 takes the
 * states after the last layer, SD2's checkpoints hold one layer less and do the same; SDXL joins the penultimate states
 * of both encoders and adds the second one's pooled vector.
 */
public final class PromptEncoder implements AutoCloseable {
    private final Kernels kernels;
    private final boolean xl;
    private final List<ClipTokenizer> tokenizers;
    private final List<TextEncoder> encoders;

    private PromptEncoder(Kernels kernels, boolean xl, List<ClipTokenizer> tokenizers, List<TextEncoder> encoders) {
        this.kernels = kernels;
        this.xl = xl;
        this.tokenizers = List.copyOf(tokenizers);
        this.encoders = List.copyOf(encoders);
    }

    /** Loads the text encoders that a checkpoint has, with their tokenizers. */
    public static PromptEncoder load(Checkpoint checkpoint, Kernels kernels, LoadOptions options) throws IOException {
        List<ClipTokenizer> tokenizers = new ArrayList<>();
        List<TextEncoder> encoders = new ArrayList<>();
        for (Component component : List.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)) {
            if (checkpoint.has(component)) {
                tokenizers.add(tokenizer(checkpoint, component));
                encoders.add(TextEncoder.load(kernels, checkpoint.component(component), options));
            }
        }
        if (encoders.isEmpty()) {
            throw new IllegalArgumentException(checkpoint.source() + " has no text encoder; a model needs one");
        }
        return new PromptEncoder(kernels, checkpoint.family().isXl(), tokenizers, encoders);
    }

    /** A component's own tokenizer, or CLIP's where a single file carries none. */
    public static ClipTokenizer tokenizer(Checkpoint checkpoint, Component component) throws IOException {
        Optional<Path> folder = checkpoint.tokenizer(component);
        if (folder.isPresent()) {
            return ClipTokenizer.open(folder.get());
        }
        return new ClipTokenizer(TokenizerFolders.bundled(checkpoint, component));
    }

    /** The first tokenizer: the one that prompt syntax and caption lengths are counted with. */
    public ClipTokenizer tokenizer() {
        return tokenizers.get(0);
    }

    /** Longest prompt of the first encoder in tokens, marks included. */
    public int length() {
        return encoders.get(0).config().positions();
    }

    public List<ClipTokenizer> tokenizers() {
        return tokenizers;
    }

    public List<TextEncoder> encoders() {
        return encoders;
    }

    /**
     * The states of prompts that fit into one window; what does not fit is cut, as diffusers cuts it.
     *
     * @param skip layers left out at the end: 0, or 1 for what users call clip skip 2
     */
    public List<TextStates> encode(List<String> prompts, int skip) {
        List<long[][]> ids = new ArrayList<>();
        for (int e = 0; e < encoders.size(); e++) {
            ClipTokenizer tokenizer = tokenizers.get(e);
            int length = encoders.get(e).config().positions();
            ids.add(prompts.stream()
                    .map(prompt -> window(tokenizer, prompt, length))
                    .toArray(long[][]::new));
        }
        return encodeIds(ids, skip);
    }

    /** One window of a prompt: beginning, its first tokens, end, padding. */
    private static long[] window(ClipTokenizer tokenizer, String prompt, int length) {
        int[] words = tokenizer.words(prompt);
        int kept = Math.min(words.length, length - 2);
        long[] window = new long[length];
        window[0] = tokenizer.beginningId();
        for (int i = 0; i < kept; i++) {
            window[i + 1] = words[i];
        }
        window[kept + 1] = tokenizer.endId();
        Arrays.fill(window, kept + 2, length, tokenizer.paddingId());
        return window;
    }

    /**
     * The states of token ids.
     *
     * @param ids for each encoder [prompts, tokens], beginning, end and padding included
     * @param skip layers left out at the end beyond those that the family leaves out by itself
     */
    public List<TextStates> encodeIds(List<long[][]> ids, int skip) {
        int count = ids.get(0).length;
        int tokens = ids.get(0)[0].length;
        List<float[]> parts = new ArrayList<>();
        List<Integer> widths = new ArrayList<>();
        float[] pooled = new float[0];
        for (int e = 0; e < encoders.size(); e++) {
            TextEncoder encoder = encoders.get(e);
            try (Tape tape = Tape.inference(kernels, kernels.manager())) {
                if (xl && encoder.config().projection() > 0) {
                    TextEncoder.PooledStates both = encoder.pooled(tape, ids.get(e));
                    pooled = floats(tape, both.pooled().value());
                    Activation states = skip == 0 ? both.states() : encoder.states(tape, ids.get(e), 1 + skip, false);
                    parts.add(floats(tape, states.value()));
                } else {
                    Activation states = encoder.states(tape, ids.get(e), xl ? 1 + skip : skip, !xl);
                    parts.add(floats(tape, states.value()));
                }
                widths.add(encoder.config().width());
            }
        }
        return join(count, tokens, parts, widths, pooled);
    }

    private float[] floats(Tape tape, NDArray array) {
        return kernels.one(tape.scope(), "to_type", array, 6).toFloatArray();
    }

    private static List<TextStates> join(
            int count, int tokens, List<float[]> parts, List<Integer> widths, float[] pooled) {
        int width = widths.stream().mapToInt(Integer::intValue).sum();
        List<TextStates> all = new ArrayList<>();
        for (int p = 0; p < count; p++) {
            float[] states = new float[tokens * width];
            int offset = 0;
            for (int e = 0; e < parts.size(); e++) {
                int own = widths.get(e);
                for (int t = 0; t < tokens; t++) {
                    System.arraycopy(parts.get(e), (p * tokens + t) * own, states, t * width + offset, own);
                }
                offset += own;
            }
            int pooledWidth = pooled.length / count;
            all.add(new TextStates(
                    states, tokens, width, Arrays.copyOfRange(pooled, p * pooledWidth, (p + 1) * pooledWidth)));
        }
        return all;
    }

    @Override
    public void close() {
        encoders.forEach(TextEncoder::close);
    }
}
