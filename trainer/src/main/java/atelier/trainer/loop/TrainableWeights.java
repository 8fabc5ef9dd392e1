package atelier.trainer.loop;

import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.text.TrainedTokens;
import atelier.diffusion.weights.name.Component;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.state.Checkpointed;
import atelier.trainer.state.StateReader;
import atelier.trainer.state.StateWriter;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run changes: adapters by network, or the UNet's own weights. */
public final class TrainableWeights implements Trainer.Gradients, Checkpointed, AutoCloseable {
    private final Map<Component, Adapter> adapters;
    private final List<ParameterGroup> groups;
    private final List<Parameter> parameters;
    private final TrainedTensors tensors;
    private final @Nullable Tokens tokens;

    /**
     * New tokens.
     *
     * @param trained their vectors, which live as long as the model's text encoders
     * @param keepNorm whether they keep the vocabulary's norm
     */
    public record Tokens(TrainedTokens trained, boolean keepNorm) {}

    /** Without new tokens. */
    public TrainableWeights(Kernels kernels, Map<Component, Adapter> adapters, List<ParameterGroup> groups) {
        this(kernels, adapters, null, groups);
    }

    /**
     * @param tokens null where none are trained
     * @param adapters closed with this
     * @param groups all that is trained, of the adapters or of the UNet
     */
    public TrainableWeights(
            Kernels kernels, Map<Component, Adapter> adapters, @Nullable Tokens tokens, List<ParameterGroup> groups) {
        this.tokens = tokens;
        this.adapters = Collections.unmodifiableMap(adapters);
        this.groups = groups;
        this.parameters =
                groups.stream().flatMap(group -> group.parameters().stream()).toList();
        this.tensors = new TrainedTensors(kernels, adapters.values(), parameters);
    }

    /** The adapters by network; empty where the UNet's own weights are trained. */
    public Map<Component, Adapter> adapters() {
        return adapters;
    }

    /** The new tokens with their vectors as they are now; empty where none are trained. */
    public List<TextualInversion> embeddings() {
        return tokens == null ? List.of() : tokens.trained().states();
    }

    /** Brings new tokens' vectors to the norm that they keep, after a step. */
    void keepNorms() {
        if (tokens != null && tokens.keepNorm()) {
            tokens.trained().keepNorms();
        }
    }

    /** The adapters at another strength, until it is closed; at 0 new tokens are as they began, too. */
    public AtStrength at(double strength) {
        if (strength == 1) {
            return () -> {};
        }
        adapters.values().forEach(adapter -> adapter.strength(strength));
        TrainedTokens.AtStart start =
                tokens != null && strength == 0 ? tokens.trained().atStart() : () -> {};
        return () -> {
            start.close();
            adapters.values().forEach(adapter -> adapter.strength(1));
        };
    }

    /** Ends when it is closed. */
    public interface AtStrength extends AutoCloseable {
        @Override
        void close();
    }

    /** What is trained at which rate. */
    List<ParameterGroup> groups() {
        return groups;
    }

    /** All that is trained, under names that are unique in the run. */
    public List<Parameter> parameters() {
        return parameters;
    }

    public void zeroGradients() {
        tensors.zeroGradients();
    }

    /** To be called between passes, so that gradients are added up in fp32. */
    void gather() {
        adapters.values().forEach(Adapter::gather);
    }

    /** To be called after the backward passes of a step, before gradients are read. */
    void collect() {
        adapters.values().forEach(Adapter::collect);
    }

    /** To be called after values changed: brings what derives from them up to date. */
    public void refresh() {
        adapters.values().forEach(Adapter::refresh);
    }

    @Override
    public Trainer.StepFigures read(PendingLoss loss, double lossScale) {
        return tensors.read(loss, lossScale);
    }

    @Override
    public void scaleGradients(double factor) {
        tensors.scaleGradients(factor);
    }

    /** The 2-norm of each tensor that is trained, for their spread. */
    public double[] norms() {
        return tensors.norms();
    }

    /** Takes the values of a copy on another device, and refreshes what derives from them. */
    public void follow(TrainableWeights other) {
        tensors.takeValues(other.tensors);
        refresh();
    }

    /** Adds a copy's gradients, which its backward passes and {@link #collect} have filled. */
    public void addGradients(TrainableWeights other) {
        tensors.addGradients(other.tensors);
    }

    /** All values, tensor after tensor in the order of {@link #parameters}: what a copy in another process takes. */
    public float[] values() {
        return tensors.values();
    }

    /** Takes all values, as {@link #values()} gives them, and refreshes what derives from them. */
    public void values(float[] all) {
        tensors.values(all);
        refresh();
    }

    /** All gradients, laid out as {@link #values()}. */
    public float[] gradients() {
        return tensors.gradients();
    }

    /** Adds gradients, laid out as {@link #values()}. */
    public void addGradients(float[] all) {
        tensors.addGradients(all);
    }

    /** Draws what a step leaves out of the updates that are trained. */
    void dropout(Dropout rates, long seed, long step) {
        adapters.forEach((network, adapter) -> {
            if (trainable(adapter)) {
                adapter.dropout(rates, seed + ((long) network.ordinal() << 32), step);
            }
        });
    }

    /** Scales down each layer's update whose norm is larger. */
    void limitNorms(double most) {
        adapters.values().stream().filter(TrainableWeights::trainable).forEach(adapter -> adapter.limitNorms(most));
    }

    private static boolean trainable(Adapter adapter) {
        return !adapter.parameters().isEmpty();
    }

    @Override
    public void save(StateWriter state) {
        parameters.forEach(parameter -> state.tensor("parameter." + parameter.name(), parameter.value()));
    }

    @Override
    public void load(StateReader state) {
        parameters.forEach(parameter -> state.tensor("parameter." + parameter.name(), parameter.value()));
        refresh();
    }

    @Override
    public void close() {
        adapters.values().forEach(Adapter::close);
    }
}
