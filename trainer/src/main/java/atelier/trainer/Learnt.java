package atelier.trainer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.AdapterFiles;
import atelier.diffusion.adapter.AdapterPlan;
import atelier.diffusion.adapter.AdapterSettings;
import atelier.diffusion.adapter.Dropout;
import atelier.diffusion.adapter.Merge;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.text.TextEncoder;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.DType;
import atelier.diffusion.weights.TensorSource;
import atelier.diffusion.weights.TensorView;
import atelier.diffusion.weights.adapter.AdapterFile;
import atelier.diffusion.weights.adapter.AdapterState;
import atelier.diffusion.weights.adapter.ModuleKey;
import atelier.diffusion.weights.adapter.ModuleState;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.ParameterGroups;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** What a run changes: adapters by network, or the UNet's own weights. */
final class Learnt implements Trainer.Gradients, AutoCloseable {
    private final Kernels kernels;
    private final Map<Component, Adapter> adapters;
    private final List<ParameterGroup> groups;
    private final List<Parameter> parameters;
    private final NDList gradients;

    private Learnt(Kernels kernels, Map<Component, Adapter> adapters, List<ParameterGroup> groups) {
        this.kernels = kernels;
        this.adapters = Collections.unmodifiableMap(adapters);
        this.groups = groups;
        this.parameters =
                groups.stream().flatMap(group -> group.parameters().stream()).toList();
        this.gradients = new NDList(parameters.stream().map(Parameter::gradient).toArray(NDArray[]::new));
    }

    /**
     * Attaches what the settings ask for.
     *
     * @throws IllegalArgumentException when settings do not fit the model, or adapter.start is for another one
     */
    static Learnt of(TrainingSettings settings, StableDiffusion model) throws IOException {
        Kernels kernels = model.kernels();
        if (settings.train().fullUnet()) {
            List<ParameterGroup> all = ParameterGroups.of(model.unet().parameters(), settings.optimizer());
            return new Learnt(kernels, Map.of(), all);
        }
        Map<Component, Adapter> adapters = new EnumMap<>(Component.class);
        try {
            attach(settings, model, adapters);
            return new Learnt(
                    kernels, adapters, ParameterGroups.of(adapters, settings.adapter(), settings.optimizer()));
        } catch (IOException | RuntimeException e) {
            adapters.values().forEach(Adapter::close);
            throw e;
        }
    }

    /** Networks that the file leaves alone get fresh modules, if they are to learn. */
    private static void attach(TrainingSettings settings, StableDiffusion model, Map<Component, Adapter> adapters)
            throws IOException {
        AdapterSettings wanted = settings.adapter();
        Map<Component, List<Layer>> fresh = new EnumMap<>(Component.class);
        fresh.put(Component.UNET, model.unet().layers());
        if (wanted.textEncoders()) {
            model.prompts().networks().forEach((network, encoder) -> fresh.put(network, encoder.layers()));
        }
        Path start = wanted.start();
        if (start != null) {
            AdapterState file = AdapterFile.read(
                    start, model.checkpoint().component(Component.UNET).config());
            for (Component network : file.components()) {
                boolean learns = network == Component.UNET || wanted.textEncoders();
                List<Layer> layers = layers(model, network, start);
                adapters.put(network, AdapterFiles.attach(model.kernels(), layers, file.of(network), learns));
                fresh.remove(network);
            }
            AdapterPlan.checkRates(wanted, adapters);
        }
        if (!fresh.isEmpty()) {
            AdapterPlan plan = AdapterPlan.of(wanted, fresh);
            for (Component network : fresh.keySet()) {
                adapters.put(
                        network,
                        plan.build(model.kernels(), network, settings.train().seed()));
            }
        }
    }

    private static List<Layer> layers(StableDiffusion model, Component network, Path start) throws IOException {
        if (network == Component.UNET) {
            return model.unet().layers();
        }
        TextEncoder encoder = model.prompts().networks().get(network);
        if (encoder == null) {
            throw new IllegalArgumentException("adapter.start = " + start + " changes the " + network.folder()
                    + ", which this model does not have; it is for another model");
        }
        return encoder.layers();
    }

    /** The adapters by network; empty where the UNet's own weights learn. */
    Map<Component, Adapter> adapters() {
        return adapters;
    }

    /** The adapters at another strength, until it is closed. */
    AtStrength at(double strength) {
        if (strength == 1) {
            return () -> {};
        }
        adapters.values().forEach(adapter -> adapter.strength(strength));
        return () -> adapters.values().forEach(adapter -> adapter.strength(1));
    }

    /** Ends when it is closed. */
    interface AtStrength extends AutoCloseable {
        @Override
        void close();
    }

    /** What learns at which rate. */
    List<ParameterGroup> groups() {
        return groups;
    }

    /** All that learns, under names that are unique in the run. */
    List<Parameter> parameters() {
        return parameters;
    }

    void zeroGradients() {
        kernels.run("zero_all", gradients);
    }

    /** To be called after the backward passes of a step, before gradients are read. */
    void collect() {
        adapters.values().forEach(Adapter::collect);
    }

    @Override
    public void refresh() {
        adapters.values().forEach(Adapter::refresh);
    }

    @Override
    public double gradientNorm() {
        try (NDArray norm = kernels.one(kernels.manager(), "global_norm", gradients)) {
            return HostCopy.number(norm);
        }
    }

    @Override
    public void scaleGradients(double factor) {
        kernels.run("scale_all", gradients, factor);
    }

    /** The 2-norm of each tensor that learns, for their spread. */
    double[] norms() {
        double[] norms = new double[parameters.size()];
        for (int i = 0; i < norms.length; i++) {
            NDList one = new NDList(parameters.get(i).value());
            try (NDArray norm = kernels.one(kernels.manager(), "global_norm", one)) {
                norms[i] = HostCopy.number(norm);
            }
        }
        return norms;
    }

    /** Takes the values of a copy on another device, and refreshes what derives from them. */
    void follow(Learnt other) {
        transfer(other, (mine, theirs) -> new Move("copy_into", mine.value(), theirs.value()));
        refresh();
    }

    /** Adds a copy's gradients, which its backward passes and {@link #collect} have filled. */
    void addGradients(Learnt other) {
        transfer(other, (mine, theirs) -> new Move("add_into", mine.gradient(), theirs.gradient()));
    }

    private record Move(String kernel, NDArray to, NDArray from) {}

    /** By way of the host: devices need not see each other. */
    private void transfer(Learnt other, BiFunction<Parameter, Parameter, Move> moves) {
        for (int i = 0; i < parameters.size(); i++) {
            Move move = moves.apply(parameters.get(i), other.parameters.get(i));
            try (NDArray here = kernels.manager().create(HostCopy.floats(move.from), move.from.getShape())) {
                kernels.run(move.kernel, move.to, here);
            }
        }
    }

    /** Draws what a step leaves out of the updates that learn. */
    void dropout(Dropout rates, long seed, long step) {
        adapters.forEach((network, adapter) -> {
            if (learns(adapter)) {
                adapter.dropout(rates, seed + ((long) network.ordinal() << 32), step);
            }
        });
    }

    /** Scales down each layer's update whose norm is larger. */
    void limitNorms(double most) {
        adapters.values().stream().filter(Learnt::learns).forEach(adapter -> adapter.limitNorms(most));
    }

    private static boolean learns(Adapter adapter) {
        return !adapter.parameters().isEmpty();
    }

    /** The adapters as files hold them. */
    AdapterState state() {
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        adapters.forEach((network, adapter) ->
                modules.putAll(AdapterFiles.state(adapter, network).modules()));
        return new AdapterState(modules, Map.of());
    }

    /** The base with what was learnt in its weights, made as they are read: before this is closed. */
    Checkpoint into(Checkpoint base) {
        Checkpoint merged = base;
        for (Map.Entry<Component, Adapter> entry : adapters.entrySet()) {
            merged = Merge.into(merged, entry.getKey(), entry.getValue(), 1, kernels);
        }
        return adapters.isEmpty() ? base.withWeights(Component.UNET, weights(base)) : merged;
    }

    private Map<String, TensorSource> weights(Checkpoint base) {
        Map<String, TensorSource> stored = base.component(Component.UNET).sources();
        Map<String, TensorSource> weights = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            TensorSource before = Objects.requireNonNull(stored.get(parameter.name()));
            weights.put(
                    parameter.name(),
                    TensorSource.of(
                            DType.F32,
                            before.shape(),
                            () -> TensorView.ofFloats(HostCopy.floats(parameter.value()), before.shape())
                                    .data()));
        }
        return weights;
    }

    @Override
    public void close() {
        adapters.values().forEach(Adapter::close);
    }
}
