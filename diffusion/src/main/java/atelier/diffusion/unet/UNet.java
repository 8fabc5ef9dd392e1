package atelier.diffusion.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadedTensors;
import atelier.diffusion.tensor.NetworkLoader;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Segment;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.weights.StateDict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The denoising network of Stable Diffusion 1.x, 2.x and XL (UNet2DConditionModel): residual blocks and transformers
 * over levels of resolution, with skips from the way down to the way up (Rombach et al. 2022).
 */
public final class UNet implements AutoCloseable {
    private final UNetConfig config;
    private final LoadedTensors tensors;
    private final List<Layer> layers;
    private final List<Layer> adaptable;
    private final List<Parameter> parameters;
    private final Segment time;
    private final Segment cast;
    private final Segment convIn;
    private final Segment convOut;
    private final List<UNetLevel> down;
    private final UNetLevel middle;
    private final List<UNetLevel> up;
    private Set<String> checkpointed = Set.of();

    private UNet(UNetConfig config, UNetParts parts, NetworkLoader loader) {
        this.config = config;
        this.time = parts.time();
        this.convIn = parts.convIn();
        this.cast = new Segment("cast", convIn.tensors());
        this.down = parts.down();
        this.middle = parts.middle();
        this.up = parts.up();
        this.convOut = parts.convOut();
        this.layers = loader.layers();
        this.adaptable = loader.adaptable();
        this.parameters = loader.parameters();
        this.tensors = loader.loaded();
    }

    /**
     * Loads a UNet.
     *
     * @param weights with their configuration; every tensor must be used and none missing
     * @throws atelier.diffusion.weights.safetensors.WeightsException naming what does not fit
     */
    public static UNet load(Kernels kernels, StateDict weights, LoadOptions options) {
        UNetConfig config = UNetConfig.of(weights.config());
        NDManager manager = kernels.manager().newSubManager();
        LoadOptions sized =
                options.latents() > 0 ? options : options.forLatents((long) config.sampleSize() * config.sampleSize());
        NetworkLoader loader = new NetworkLoader(kernels, manager, weights, sized);
        try {
            UNetParts parts = new UNetParts(config, loader);
            weights.requireEmpty();
            return new UNet(config, parts, loader);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    public UNetConfig config() {
        return config;
    }

    /** What adapters can change: {@link #layers}, and after them the norms. */
    public List<Layer> adaptable() {
        return adaptable;
    }

    /** Every linear and convolution layer, in the network's order. */
    public List<Layer> layers() {
        return layers;
    }

    /** The network's own parameters when it is loaded for full training; else none. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** Whether each level keeps only its inputs on a recording tape and runs again going back. */
    public void checkpointing(boolean on) {
        checkpointed = on ? Set.copyOf(levelNames()) : Set.of();
    }

    /**
     * As {@link #checkpointing(boolean)}, for some levels.
     *
     * @param names of {@link #levelNames}; empty for all
     * @throws WrongCommandException for a name that is no level's
     */
    public void checkpointing(List<String> names) {
        for (String name : names) {
            if (!levelNames().contains(name)) {
                throw new WrongCommandException("train.checkpointed_blocks names '" + name + "', and this network has "
                        + String.join(", ", levelNames()));
            }
        }
        checkpointed = Set.copyOf(names.isEmpty() ? levelNames() : names);
    }

    /**
     * Predicts noise (or v, or the sample: what the model was trained to).
     *
     * @param latents [n, channels, h, w] fp32
     * @param timesteps [n] fp32
     * @param text text states [n, tokens, width] in any precision; one use is consumed
     * @param added SDXL's pooled text and sizes; null for other models
     * @return [n, channels, h, w] fp32
     */
    public Activation forward(
            Tape tape, NDArray latents, NDArray timesteps, Activation text, @Nullable AddedConditions added) {
        TextCondition states = TextCondition.of(tape.apply(cast, text));
        Activation output = forward(tape, latents, timesteps, states, added);
        states.release();
        return output;
    }

    /** As the form with text states, with what {@link #keys} made of them. */
    public Activation forward(
            Tape tape, NDArray latents, NDArray timesteps, TextKeys keys, @Nullable AddedConditions added) {
        return forward(tape, latents, timesteps, new TextCondition(null, keys), added);
    }

    private Activation forward(
            Tape tape, NDArray latents, NDArray timesteps, TextCondition text, @Nullable AddedConditions added) {
        Activation embedding = added == null
                ? tape.apply(time, tape.input(timesteps))
                : tape.apply(time, tape.input(timesteps), added.pooledText(), tape.input(added.sizes()));
        Deque<Activation> skips = new ArrayDeque<>();
        Activation x = tape.apply(convIn, tape.input(latents));
        skips.push(x.retain());
        for (UNetLevel level : down) {
            x = level.down(tape, x, embedding, text, skips, checkpointed.contains(level.name()));
        }
        x = middle.through(tape, x, embedding, text, checkpointed.contains(middle.name()));
        for (UNetLevel level : up) {
            x = level.up(tape, x, embedding, text, skips, checkpointed.contains(level.name()));
        }
        embedding.release();
        return tape.apply(convOut, x);
    }

    /**
     * Makes what a text's states give in every cross-attention, for drawing in many steps.
     *
     * @param text text states [n, tokens, width] in any precision
     * @return valid until the network's weights change
     */
    public TextKeys keys(Kernels kernels, NDArray text) {
        List<Segment> crossAttention = new ArrayList<>();
        down.forEach(level -> crossAttention.addAll(level.crossAttention()));
        crossAttention.addAll(middle.crossAttention());
        up.forEach(level -> crossAttention.addAll(level.crossAttention()));
        try (Tape tape = Tape.inference(kernels, kernels.manager())) {
            Activation states = tape.apply(cast, tape.input(text));
            return new TextKeys(kernels, crossAttention, states.value());
        }
    }

    /** As the five-argument form, for models without added conditions. */
    public Activation forward(Tape tape, NDArray latents, NDArray timesteps, Activation text) {
        return forward(tape, latents, timesteps, text, null);
    }

    /**
     * SDXL's conditions beside the text states.
     *
     * @param pooledText [n, width]; one use is consumed
     * @param sizes [n, 6] fp32: original height and width, crop top and left, target height and width
     */
    public record AddedConditions(Activation pooledText, NDArray sizes) {}

    @Override
    public void close() {
        tensors.close();
    }

    /** Names of the levels in the order in which they run, as block choices name them. */
    public List<String> levelNames() {
        List<String> names = new ArrayList<>();
        down.forEach(level -> names.add(level.name()));
        names.add(middle.name());
        up.forEach(level -> names.add(level.name()));
        return names;
    }
}
