package atelier.diffusion.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadedTensors;
import atelier.diffusion.tensor.NetworkLoader;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Segment;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.weights.StateDict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CLIP's text encoder (Radford et al. 2021): token ids to the states that a UNet attends to. */
public final class TextEncoder implements AutoCloseable {
    private static final String EXTRA = "extra.weight";

    private final TextEncoderConfig config;
    private final LoadedTensors tensors;
    private final List<Layer> layers;
    private final List<Layer> adaptable;
    private final Segment embed;
    private final List<ClipLayer> transformer = new ArrayList<>();
    private final Segment finalNorm;
    private final Segment takeEnd = new Segment("take_row", new BlockTensors());
    private final @Nullable Segment projection;
    /** Vectors of embedding tokens, whose ids follow the vocabulary's. */
    private float[] extra = new float[0];

    private TextEncoder(TextEncoderConfig config, NetworkLoader loader) {
        this.config = config;
        BlockTensors embeddings = loader.block();
        String prefix = "text_model.embeddings.";
        long[] tokens = {config.vocabulary(), config.width()};
        long[] positions = {config.positions(), config.width()};
        loader.weight(embeddings, "token.weight", prefix + "token_embedding.weight", tokens, tokens);
        loader.weight(embeddings, "position.weight", prefix + "position_embedding.weight", positions, positions);
        this.embed = new Segment("embed", embeddings);
        ClipLayer.Form form = new ClipLayer.Form(
                config.width(), config.heads(), config.feedForward(), config.eps(), config.gelu(), true);
        for (int i = 0; i < config.layers(); i++) {
            transformer.add(new ClipLayer(loader, "text_model.encoder.layers." + i, form));
        }
        BlockTensors last = loader.block().number("eps", config.eps());
        loader.norm(last, "norm", "text_model.final_layer_norm", config.width());
        this.finalNorm = new Segment("norm", last);
        this.projection = config.projection() == 0 ? null : projection(loader);
        this.layers = loader.layers();
        this.adaptable = loader.adaptable();
        this.tensors = loader.loaded();
    }

    private Segment projection(NetworkLoader loader) {
        BlockTensors block = loader.block();
        loader.linear(block, "linear", "text_projection", Group.OTHER, config.width(), config.projection(), false);
        return new Segment("projection", block);
    }

    /**
     * Loads a text encoder.
     *
     * @throws atelier.diffusion.weights.safetensors.WeightsException naming what does not fit
     */
    public static TextEncoder load(Kernels kernels, StateDict weights, LoadOptions options) {
        TextEncoderConfig config = TextEncoderConfig.of(weights.config());
        NDManager manager = kernels.manager().newSubManager();
        NetworkLoader loader = new NetworkLoader(kernels, manager, weights, options);
        try {
            TextEncoder encoder = new TextEncoder(config, loader);
            weights.requireEmpty();
            return encoder;
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    public TextEncoderConfig config() {
        return config;
    }

    /**
     * Adds vectors beside the vocabulary's.
     *
     * @param vectors row-major [n, width]
     * @return the token id of the first; the others follow
     */
    int addVectors(float[] vectors) {
        if (embed.tensors().has(EXTRA + ".grad")) {
            throw new IllegalStateException("the text encoder's embeddings are trained; others cannot be added");
        }
        int before = extra.length;
        extra = Arrays.copyOf(extra, before + vectors.length);
        System.arraycopy(vectors, 0, extra, before, vectors.length);
        BlockTensors block = embed.tensors();
        NDArray old = block.remove(EXTRA);
        if (old != null) {
            old.close();
        }
        block.put(EXTRA, tensors.manager().create(extra, new Shape(extra.length / config.width(), config.width())));
        return config.vocabulary() + before / config.width();
    }

    /** What adapters can change: {@link #layers}, and after them the norms. */
    public List<Layer> adaptable() {
        return adaptable;
    }

    /**
     * Adds vectors beside the vocabulary's that are trained. No others can be added then.
     *
     * @param name of the parameter
     * @param rows row-major [n, width]
     * @return their parameter, whose first row has the id after the vocabulary's last
     */
    Parameter trainVectors(String name, float[] rows) {
        if (extra.length > 0) {
            throw new IllegalStateException(
                    "the text encoder has embeddings already; vectors are trained before others");
        }
        extra = rows.clone();
        Shape shape = new Shape(rows.length / config.width(), config.width());
        NDArray value = tensors.manager().create(rows, shape);
        NDArray gradient = tensors.manager().zeros(shape, DataType.FLOAT32);
        embed.tensors().put(EXTRA, value).put(EXTRA + ".grad", gradient);
        return new Parameter(name, value, gradient);
    }

    /** The vocabulary's vectors, in the encoder's precision. */
    NDArray table() {
        return embed.tensors().get("token.weight");
    }

    NDManager manager() {
        return tensors.manager();
    }

    /** Every linear layer, in the network's order. */
    public List<Layer> layers() {
        return layers;
    }

    /**
     * States of a prompt after all layers but the last {@code skip}.
     *
     * @param ids [n, tokens]
     * @param skip layers left out at the end: 0 for Stable Diffusion 1, 1 for clip skip 2
     * @param normed whether the final layer norm is applied (SD1 and SD2: yes; SDXL: no)
     * @return [n, tokens, width]
     */
    public Activation states(Tape tape, long[][] ids, int skip, boolean normed) {
        if (skip < 0 || skip >= config.layers()) {
            throw new WrongCommandException("clip_skip must be from 0 to " + (config.layers() - 1)
                    + ", one less than the text encoder has layers, got " + skip);
        }
        Activation x = embed(tape, ids);
        for (int i = 0; i < config.layers() - skip; i++) {
            x = transformer.get(i).apply(tape, x);
        }
        return normed ? tape.apply(finalNorm, x) : x;
    }

    /**
     * What SDXL asks of its second encoder: the states before the last layer, without the final norm, and the pooled
     * state of the end token, normed and projected where the model has a projection.
     *
     * @return states [n, tokens, width] and pooled [n, projection or width]
     */
    public PooledStates pooled(Tape tape, long[][] ids) {
        Activation x = embed(tape, ids);
        for (int i = 0; i < config.layers() - 1; i++) {
            x = transformer.get(i).apply(tape, x);
        }
        Activation states = x.retain();
        Activation last =
                tape.apply(finalNorm, transformer.get(config.layers() - 1).apply(tape, x));
        NDArray positions = tape.scope().create(endPositions(ids));
        Activation end = tape.apply(takeEnd, last, tape.input(positions));
        return new PooledStates(states, projection == null ? end : tape.apply(projection, end));
    }

    /** States and a pooled vector for each prompt. */
    public record PooledStates(Activation states, Activation pooled) {}

    private Activation embed(Tape tape, long[][] ids) {
        int length = ids[0].length;
        if (length > config.positions()) {
            throw new IllegalArgumentException("a prompt of " + length + " tokens does not fit into the text encoder's "
                    + config.positions() + "; split it into chunks");
        }
        long[] flat = new long[ids.length * length];
        for (int i = 0; i < ids.length; i++) {
            System.arraycopy(ids[i], 0, flat, i * length, length);
        }
        NDArray array = tape.scope().create(flat, new Shape(ids.length, length));
        return tape.apply(embed, tape.input(array));
    }

    /** As transformers has it: the first end token; for the historic end id 2, the largest id of the prompt. */
    private long[] endPositions(long[][] ids) {
        long[] positions = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            int best = 0;
            for (int j = 0; j < ids[i].length; j++) {
                // Learnt words' ids lie above all others.
                boolean largest = ids[i][j] > ids[i][best] && ids[i][j] < config.vocabulary();
                boolean found = config.endToken() == 2 ? largest : ids[i][j] == config.endToken();
                if (found) {
                    best = j;
                    if (config.endToken() != 2) {
                        break;
                    }
                }
            }
            positions[i] = best;
        }
        return positions;
    }

    @Override
    public void close() {
        takeEnd.tensors().close();
        tensors.close();
    }
}
