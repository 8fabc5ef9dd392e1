package atelier.diffusion.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Segment;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model's tokenizers and text encoders together: prompts to the states that its UNet was trained with. SD1 takes the
 * states after the last layer, SD2's checkpoints hold one layer less and do the same; SDXL joins the penultimate states
 * of both encoders and adds the second one's pooled vector.
 */
public final class PromptEncoder implements AutoCloseable {
    private final Kernels kernels;
    private final boolean xl;
    private final List<ClipTokenizer> tokenizers;
    private final Map<Component, TextEncoder> networks;
    private final List<TextEncoder> encoders;
    private final List<EmbeddingTokens> embeddingTokens;
    private final Segment join = new Segment("join_width", new BlockTensors());

    private PromptEncoder(
            Kernels kernels, boolean xl, List<ClipTokenizer> tokenizers, Map<Component, TextEncoder> networks) {
        this.kernels = kernels;
        this.xl = xl;
        this.tokenizers = List.copyOf(tokenizers);
        this.networks = Collections.unmodifiableMap(networks);
        this.encoders = List.copyOf(networks.values());
        this.embeddingTokens =
                encoders.stream().map(encoder -> new EmbeddingTokens()).toList();
    }

    /** Loads the text encoders that a checkpoint has, with their tokenizers. */
    public static PromptEncoder load(Checkpoint checkpoint, Kernels kernels, LoadOptions options) throws IOException {
        List<ClipTokenizer> tokenizers = new ArrayList<>();
        Map<Component, TextEncoder> encoders = new EnumMap<>(Component.class);
        for (Component component : components(checkpoint)) {
            tokenizers.add(tokenizer(checkpoint, component));
            encoders.put(component, TextEncoder.load(kernels, checkpoint.component(component), options));
        }
        return new PromptEncoder(kernels, checkpoint.family().isXl(), tokenizers, encoders);
    }

    /** The text encoders that a checkpoint has, in their order. */
    private static List<Component> components(Checkpoint checkpoint) {
        List<Component> components = Stream.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)
                .filter(checkpoint::has)
                .toList();
        if (components.isEmpty()) {
            throw new WrongCommandException(
                    checkpoint.source() + " has no text encoder; copy the folder text_encoder from the model's source");
        }
        return components;
    }

    /** What {@link #tokenizer()} of the loaded encoder would give, without loading it. */
    public static ClipTokenizer tokenizer(Checkpoint checkpoint) throws IOException {
        return tokenizer(checkpoint, components(checkpoint).get(0));
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

    /** The encoders by the component that they are. */
    public Map<Component, TextEncoder> networks() {
        return networks;
    }

    /**
     * Teaches the encoders a word; it lasts as long as they do.
     *
     * @throws WrongCommandException when its vectors do not fit the encoders, or its token is taken
     */
    public void addEmbedding(TextualInversion word) {
        if (word.vectors().size() != encoders.size()) {
            throw new WrongCommandException(
                    word.file() + " has vectors for " + word.vectors().size() + " text encoders, and the model has "
                            + encoders.size() + "; it is for another family of models");
        }
        for (int e = 0; e < encoders.size(); e++) {
            TensorView vectors = word.vectors().get(e);
            long width = vectors.shape()[1];
            if (width != encoders.get(e).config().width()) {
                throw new WrongCommandException(word.file() + " has vectors " + width
                        + " wide, and the text encoder's"
                        + " are " + encoders.get(e).config().width() + "; it is for another family of models (768:"
                        + " Stable Diffusion 1, 1024: 2, 768 and 1280: XL)");
            }
        }
        for (int e = 0; e < encoders.size(); e++) {
            TensorView vectors = word.vectors().get(e);
            int first = encoders.get(e).addVectors(vectors.toFloats());
            embeddingTokens.get(e).add(word.token(), first, Math.toIntExact(vectors.shape()[0]));
        }
    }

    /**
     * Adds tokens whose vectors are trained: those of words that they begin as, spread over the vectors in their order;
     * those that are given; or at random, with the deviation of the vocabulary's numbers.
     *
     * @param seed of the random ones
     * @throws WrongCommandException when given vectors are for another family of models
     */
    public TrainedTokens trainTokens(List<NewToken> tokens, long seed) {
        TrainedTokens trained = new TrainedTokens(kernels, tokens);
        int e = 0;
        for (Map.Entry<Component, TextEncoder> network : networks.entrySet()) {
            TextEncoder encoder = network.getValue();
            try (NDManager scope = kernels.manager().newSubManager()) {
                float[] figures = HostCopy.floats(kernels.one(scope, "table_figures", encoder.table()));
                int width = encoder.config().width();
                int all = tokens.stream().mapToInt(NewToken::vectors).sum();
                float[] rows = new float[all * width];
                int first = 0;
                for (NewToken token : tokens) {
                    long stream = (seed * 0x9E3779B97F4A7C15L + e) * 0xD1B54A32D192ED03L + first;
                    float[] own = start(scope, e, encoder, token, figures[0], new TorchRandom(stream));
                    System.arraycopy(own, 0, rows, first * width, own.length);
                    embeddingTokens.get(e).add(token.token(), encoder.config().vocabulary() + first, token.vectors());
                    first += token.vectors();
                }
                Parameter parameter = encoder.trainVectors(network.getKey().folder() + ".embedding", rows);
                NDArray start = kernels.one(encoder.manager(), "copy_of", parameter.value());
                trained.add(network.getKey(), parameter, start, figures[1]);
            }
            e++;
        }
        return trained;
    }

    private float[] start(
            NDManager scope, int e, TextEncoder encoder, NewToken token, float deviation, TorchRandom random) {
        int width = encoder.config().width();
        TextualInversion given = token.given();
        if (given != null) {
            if (given.vectors().size() != encoders.size()
                    || given.vectors().get(e).shape()[1] != width) {
                throw new WrongCommandException("embedding.init: " + given.file()
                        + " is for another family of models; name one that was trained on this model");
            }
            return given.vectors().get(e).toFloats();
        }
        String words = token.words();
        if (words == null) {
            float[] values = random.normal(token.vectors() * width);
            for (int i = 0; i < values.length; i++) {
                values[i] *= deviation;
            }
            return values;
        }
        int[] known = tokenizers.get(e).words(words);
        if (known.length == 0) {
            throw new WrongCommandException("embedding.init: '" + words + "' has no words that the model knows");
        }
        long[] ids = new long[token.vectors()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = known[(int) ((long) i * known.length / ids.length)];
        }
        return HostCopy.floats(kernels.one(scope, "rows_of", encoder.table(), scope.create(ids)));
    }

    /**
     * The token ids of a text without marks, embedding tokens among them.
     *
     * @param encoder its number, from 0
     */
    public int[] words(int encoder, String text) {
        return embeddingTokens.get(encoder).ids(text, tokenizers.get(encoder));
    }

    /**
     * The states of prompts that fit into one window; what does not fit is cut, as diffusers cuts it.
     *
     * @param skip layers left out at the end: 0, or 1 for what users call clip skip 2
     */
    public List<TextStates> encode(List<String> prompts, int skip) {
        return encodeIds(ids(prompts), skip);
    }

    /**
     * States on a tape, for training with the encoders in the loop: what is trained in them gets its gradients.
     *
     * @param prompts one an example; what does not fit into one window is cut
     */
    public Conditions conditions(Tape tape, List<String> prompts) {
        return conditions(tape, ids(prompts), 0);
    }

    /**
     * What a UNet is told about a batch, on a tape; one use of each is the caller's.
     *
     * @param states [n, tokens, width]
     * @param pooled SDXL's pooled text [n, width]; null for other models
     */
    public record Conditions(Activation states, @Nullable Activation pooled) {}

    private List<long[][]> ids(List<String> prompts) {
        List<long[][]> ids = new ArrayList<>();
        for (int e = 0; e < encoders.size(); e++) {
            ClipTokenizer tokenizer = tokenizers.get(e);
            int encoder = e;
            int length = encoders.get(e).config().positions();
            ids.add(prompts.stream()
                    .map(prompt -> window(tokenizer, words(encoder, prompt), length))
                    .toArray(long[][]::new));
        }
        return ids;
    }

    private Conditions conditions(Tape tape, List<long[][]> ids, int skip) {
        Activation states = null;
        Activation pooled = null;
        for (int e = 0; e < encoders.size(); e++) {
            TextEncoder encoder = encoders.get(e);
            Activation own;
            if (xl && encoder.config().projection() > 0) {
                TextEncoder.PooledStates both = encoder.pooled(tape, ids.get(e));
                pooled = both.pooled();
                own = both.states();
                if (skip > 0) {
                    own.release();
                    own = encoder.states(tape, ids.get(e), 1 + skip, false);
                }
            } else {
                own = encoder.states(tape, ids.get(e), xl ? 1 + skip : skip, !xl);
            }
            states = states == null ? own : tape.apply(join, states, own);
        }
        return new Conditions(Objects.requireNonNull(states), pooled);
    }

    /** One window of a prompt: beginning, its first tokens, end, padding. */
    private static long[] window(ClipTokenizer tokenizer, int[] words, int length) {
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
        try (Tape tape = Tape.inference(kernels, kernels.manager())) {
            Conditions all = conditions(tape, ids, skip);
            long[] shape = all.states().value().getShape().getShape();
            float[] states = floats(tape, all.states().value());
            Activation end = all.pooled();
            float[] pooled = end == null ? new float[0] : floats(tape, end.value());
            return split(states, pooled, (int) shape[0], (int) shape[1], (int) shape[2]);
        }
    }

    private float[] floats(Tape tape, NDArray array) {
        return HostCopy.floats(kernels.one(tape.scope(), "to_type", array, 6));
    }

    private static List<TextStates> split(float[] states, float[] pooled, int count, int tokens, int width) {
        int one = tokens * width;
        int end = pooled.length / count;
        List<TextStates> all = new ArrayList<>();
        for (int p = 0; p < count; p++) {
            all.add(new TextStates(
                    Arrays.copyOfRange(states, p * one, (p + 1) * one),
                    tokens,
                    width,
                    Arrays.copyOfRange(pooled, p * end, (p + 1) * end)));
        }
        return all;
    }

    @Override
    public void close() {
        join.tensors().close();
        encoders.forEach(TextEncoder::close);
    }
}
