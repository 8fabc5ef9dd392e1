package atelier.trainer.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.AdapterFiles;
import atelier.diffusion.adapter.AdapterPlan;
import atelier.diffusion.adapter.Merge;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.text.TextEncoder;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.trainer.optimizer.FlatParameters;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.ParameterGroups;
import atelier.trainer.settings.TrainingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/** What a run changes: adapters by network, or the UNet's own weights. */
public final class TrainableWeights implements Trainer.Gradients, AutoCloseable {
    private final Kernels kernels;
    private final Map<Component, Adapter> adapters;
    private final List<ParameterGroup> groups;
    private final List<Parameter> parameters;
    /** All gradients, as few tensors as they lie in. */
    private final NDList gradients;
    /** Values and gradients as other copies have them too, one after the other. */
    private final List<Place> places;
    /** What is still on its way to this device. */
    private final List<NDArray> staged = new ArrayList<>();

    public TrainableWeights(Kernels kernels, Map<Component, Adapter> adapters, List<ParameterGroup> groups) {
        this.kernels = kernels;
        this.adapters = Collections.unmodifiableMap(adapters);
        this.groups = groups;
        this.parameters =
                groups.stream().flatMap(group -> group.parameters().stream()).toList();
        this.places = places(adapters, parameters);
        this.gradients = new NDList(places.stream().map(Place::gradient).toArray(NDArray[]::new));
    }

    /** Tensors that are moved as one. */
    private record Place(NDArray value, NDArray gradient) {}

    private static List<Place> places(Map<Component, Adapter> adapters, List<Parameter> parameters) {
        List<FlatParameters> buffers = new ArrayList<>();
        for (Adapter adapter : adapters.values()) {
            FlatParameters.of(adapter).ifPresent(buffers::add);
        }
        List<Place> places = new ArrayList<>();
        for (FlatParameters buffer : buffers) {
            places.add(new Place(buffer.values().whole(), buffer.gradients().whole()));
        }
        for (Parameter parameter : parameters) {
            if (buffers.stream().noneMatch(buffer -> buffer.values().contains(parameter.value()))) {
                places.add(new Place(parameter.value(), parameter.gradient()));
            }
        }
        return places;
    }

    /**
     * Attaches what the settings ask for.
     *
     * @throws WrongCommandException when settings do not fit the model, or adapter.init_from is for another one
     */
    public static TrainableWeights of(TrainingSettings settings, StableDiffusion model) throws IOException {
        Kernels kernels = model.kernels();
        if (settings.train().fullFinetune()) {
            List<ParameterGroup> all = ParameterGroups.of(model.unet().parameters(), settings.optimizer());
            return new TrainableWeights(kernels, Map.of(), all);
        }
        Map<Component, Adapter> adapters = new EnumMap<>(Component.class);
        try {
            attach(settings, model, adapters);
            return new TrainableWeights(
                    kernels, adapters, ParameterGroups.of(adapters, settings.adapter(), settings.optimizer()));
        } catch (IOException | RuntimeException e) {
            adapters.values().forEach(Adapter::close);
            throw e;
        }
    }

    /** Networks that the file leaves alone get fresh modules, if they are to be trained. */
    private static void attach(TrainingSettings settings, StableDiffusion model, Map<Component, Adapter> adapters)
            throws IOException {
        AdapterSettings wanted = settings.adapter();
        Map<Component, List<Layer>> fresh = new EnumMap<>(Component.class);
        fresh.put(Component.UNET, model.unet().layers());
        if (wanted.textEncoders()) {
            model.prompts().networks().forEach((network, encoder) -> fresh.put(network, encoder.layers()));
        }
        Path start = wanted.initFrom();
        if (start != null) {
            AdapterState file = AdapterFile.read(
                    start, model.checkpoint().component(Component.UNET).config());
            for (Component network : file.components()) {
                boolean trainable = network == Component.UNET || wanted.textEncoders();
                List<Layer> layers = layers(model, network, start);
                adapters.put(network, AdapterFiles.attach(model.kernels(), layers, file.of(network), trainable));
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
            throw new WrongCommandException("adapter.init_from = " + start + " changes the " + network.folder()
                    + ", which this model does not have; it is for another model");
        }
        return encoder.layers();
    }

    /** The adapters by network; empty where the UNet's own weights are trained. */
    public Map<Component, Adapter> adapters() {
        return adapters;
    }

    /** The adapters at another strength, until it is closed. */
    public AtStrength at(double strength) {
        if (strength == 1) {
            return () -> {};
        }
        adapters.values().forEach(adapter -> adapter.strength(strength));
        return () -> adapters.values().forEach(adapter -> adapter.strength(1));
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
        kernels.run("zero_all", gradients);
    }

    /** To be called between passes, so that gradients are added up in fp32. */
    void gather() {
        adapters.values().forEach(Adapter::gather);
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
    public Trainer.StepFigures read(PendingLoss loss, double lossScale) {
        try (loss) {
            if (!kernels.execution().fused()) {
                if (lossScale != 1) {
                    scaleGradients(1 / lossScale);
                }
                return new Trainer.StepFigures(loss.known(), gradientNorm(), 1);
            }
            try (NDArray both = kernels.one(kernels.manager(), "step_figures", loss.parts(), gradients)) {
                float[] figures = HostCopy.floats(both);
                return new Trainer.StepFigures(loss.known() + figures[0], figures[1] / lossScale, lossScale);
            }
        } finally {
            forgetStaged();
        }
    }

    private void forgetStaged() {
        staged.forEach(NDArray::close);
        staged.clear();
    }

    private double gradientNorm() {
        try (NDArray norm = kernels.one(kernels.manager(), "global_norm", gradients)) {
            return HostCopy.number(norm);
        }
    }

    @Override
    public void scaleGradients(double factor) {
        kernels.run("scale_all", gradients, factor);
    }

    /** The 2-norm of each tensor that is trained, for their spread. */
    public double[] norms() {
        double[] norms = new double[parameters.size()];
        if (kernels.execution().fused()) {
            NDList values = new NDList(parameters.stream().map(Parameter::value).toArray(NDArray[]::new));
            try (NDArray all = kernels.one(kernels.manager(), "norms_of", values)) {
                float[] each = HostCopy.floats(all);
                Arrays.setAll(norms, i -> each[i]);
            }
            return norms;
        }
        for (int i = 0; i < norms.length; i++) {
            NDList one = new NDList(parameters.get(i).value());
            try (NDArray norm = kernels.one(kernels.manager(), "global_norm", one)) {
                norms[i] = HostCopy.number(norm);
            }
        }
        return norms;
    }

    /** Takes the values of a copy on another device, and refreshes what derives from them. */
    public void follow(TrainableWeights other) {
        transfer(other, "upload_into", Place::value);
        refresh();
    }

    /** Adds a copy's gradients, which its backward passes and {@link #collect} have filled. */
    public void addGradients(TrainableWeights other) {
        transfer(other, "upload_added", Place::gradient);
        // Its gradients have come: whatever had been sent to it before has arrived.
        other.forgetStaged();
    }

    /** By way of the host, as devices need not see each other; in the other copy's buffers where this one has the same. */
    private void transfer(TrainableWeights other, String kernel, Function<Place, NDArray> of) {
        List<NDArray> to = places.stream().map(of).toList();
        List<NDArray> from = other.places.stream().map(of).toList();
        boolean alike = kernels.execution().fused() == other.kernels.execution().fused();
        if (!alike) {
            to = each(this, of);
            from = each(other, of);
        }
        for (int i = 0; i < to.size(); i++) {
            NDArray host = HostCopy.of(from.get(i));
            kernels.run(kernel, to.get(i), host);
            if (kernels.execution().fused()) {
                staged.add(host);
            } else {
                host.close();
            }
        }
    }

    private static List<NDArray> each(TrainableWeights trainable, Function<Place, NDArray> of) {
        return trainable.parameters.stream()
                .map(parameter -> of.apply(new Place(parameter.value(), parameter.gradient())))
                .toList();
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

    /** The adapters as files hold them. */
    public AdapterState state() {
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        adapters.forEach((network, adapter) ->
                modules.putAll(AdapterFiles.state(adapter, network).modules()));
        return new AdapterState(modules, Map.of());
    }

    /** The base with what was trained in its weights, made as they are read: before this is closed. */
    public Checkpoint into(Checkpoint base) {
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
