package atelier.inference.draw;

import atelier.diffusion.adapter.SwappedWeights;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.math.AdapterArithmetic;
import atelier.diffusion.adapter.math.AdapterArithmetic.Weighted;
import atelier.diffusion.adapter.math.BlockStrength;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.ModelSource;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import atelier.inference.request.AdapterChoice;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model with adapters merged into its weights, whatever method each has. Adapters that all pictures share are merged as the
 * weights are read; where they change, the changed layers' weights are swapped and the base stays loaded.
 */
public final class ModelSession implements AutoCloseable {
    private final StableDiffusion model;
    private final Checkpoint base;
    private final boolean fixed;
    private final Map<Path, AdapterState> read;
    private final List<SwappedWeights> swapped = new ArrayList<>();
    private List<AdapterChoice> inUse;

    private ModelSession(
            StableDiffusion model,
            Checkpoint base,
            boolean fixed,
            Map<Path, AdapterState> read,
            List<AdapterChoice> inUse) {
        this.model = model;
        this.base = base;
        this.fixed = fixed;
        this.read = read;
        this.inUse = inUse;
    }

    /**
     * Opens a model for drawing.
     *
     * @param sets the adapters that will be used together, set by set; DoRA's are applied in the given order
     * @throws IllegalArgumentException if an adapter does not exist or changes a network that the model lacks
     * @throws WeightsException if an adapter is for another model
     */
    public static ModelSession open(Path model, List<List<AdapterChoice>> sets, Kernels kernels, Precision precision)
            throws IOException {
        return open(ModelSource.of(model), sets, kernels, precision);
    }

    /** As {@link #open(Path, List, Kernels, Precision)}, with other networks in place of some of the model's own. */
    public static ModelSession open(
            ModelSource model, List<List<AdapterChoice>> sets, Kernels kernels, Precision precision)
            throws IOException {
        Checkpoint checkpoint = Checkpoint.open(model);
        Map<Path, AdapterState> read = new HashMap<>();
        for (List<AdapterChoice> set : sets) {
            for (AdapterChoice choice : set) {
                if (!read.containsKey(choice.file())) {
                    read.put(choice.file(), read(choice.file(), checkpoint));
                }
            }
        }
        for (List<AdapterChoice> set : sets) {
            for (AdapterChoice choice : set) {
                BlockStrength.check(choice.blocks(), read.values());
            }
        }
        checkpoint = taught(checkpoint, read);
        List<List<AdapterChoice>> different = sets.stream().distinct().toList();
        boolean fixed = different.size() <= 1;
        List<AdapterChoice> first = fixed && !different.isEmpty() ? different.get(0) : List.of();
        Checkpoint merged = checkpoint;
        List<Weighted> weighted = weighted(first, read);
        for (Component component : components(weighted)) {
            merged = merged.withWeights(
                    component, AdapterArithmetic.merged(merged.component(component), component, weighted));
        }
        LoadOptions options = new LoadOptions(precision, Use.INFERENCE);
        return new ModelSession(
                withEmbeddings(StableDiffusion.of(merged, kernels, options), read), checkpoint, fixed, read, first);
    }

    /** The tokens that adapters' files bring along: they stand in prompts whatever the adapter's strength. */
    private static StableDiffusion withEmbeddings(StableDiffusion model, Map<Path, AdapterState> read)
            throws IOException {
        try {
            for (AdapterState state : read.values()) {
                for (TextualInversion embedding : state.embeddings()) {
                    model.prompts().addEmbedding(embedding);
                }
            }
            return model;
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** The model with the schedule and prediction that the adapters were trained to, where they say another one. */
    private static Checkpoint taught(Checkpoint checkpoint, Map<Path, AdapterState> read) {
        Map<ObjectNode, Path> schedulers = new LinkedHashMap<>();
        read.forEach(
                (file, state) -> state.scheduler(file.toString()).ifPresent(config -> schedulers.put(config, file)));
        if (schedulers.size() > 1) {
            throw new IllegalArgumentException("the adapters " + schedulers.values()
                    + " were trained to different predictions or noise schedules; draw with one of them at a time");
        }
        return schedulers.isEmpty()
                ? checkpoint
                : checkpoint.withScheduler(schedulers.keySet().iterator().next());
    }

    private static AdapterState read(Path file, Checkpoint checkpoint) throws IOException {
        if (!Files.exists(file)) {
            throw new IllegalArgumentException("the adapter " + file + " does not exist");
        }
        AdapterState state =
                AdapterFile.read(file, checkpoint.component(Component.UNET).config());
        for (Component component : state.components()) {
            if (!checkpoint.has(component)) {
                throw new IllegalArgumentException("the adapter " + file + " changes " + component.folder() + ", which "
                        + checkpoint.source() + " does not have; it is for another model");
            }
            StateDict weights = checkpoint.component(component);
            state.of(component).forEach((path, module) -> requireFit(file, weights, path, module));
        }
        return state;
    }

    /** Layers by name, and of low-rank updates the sizes: what tells the families apart. */
    private static void requireFit(Path file, StateDict weights, String path, ModuleState module) {
        TensorSource weight = weights.sources().get(path + ".weight");
        TensorSource down = module.tensors().get("lora_down.weight");
        TensorSource up = module.tensors().get("lora_up.weight");
        String there = "";
        if (weight == null && module.changesWeight()) {
            there = "which is not there";
        } else if (weight != null
                && down != null
                && up != null
                && (down.shape()[1] != weight.shape()[1] || up.shape()[0] != weight.shape()[0])) {
            there = "which is " + TensorView.describe(weight.shape()) + " there and not " + up.shape()[0] + " x "
                    + down.shape()[1];
        }
        if (!there.isEmpty()) {
            throw new IllegalArgumentException("the adapter " + file + " does not fit " + weights.place()
                    + ": it changes the layer " + path + ", " + there
                    + "; it was trained for another family of models, so draw with a model of that family");
        }
    }

    private static List<Weighted> weighted(List<AdapterChoice> choices, Map<Path, AdapterState> read) {
        List<Weighted> weighted = new ArrayList<>();
        for (AdapterChoice choice : choices) {
            AdapterState state = read.get(choice.file());
            if (state == null) {
                throw new IllegalArgumentException(choice.file() + " was not named when the model was opened");
            }
            weighted.add(new Weighted(state, BlockStrength.of(choice.weight(), choice.blocks())));
        }
        return weighted;
    }

    private static Set<Component> components(List<Weighted> weighted) {
        Set<Component> components = EnumSet.noneOf(Component.class);
        weighted.forEach(each -> components.addAll(each.adapter().components()));
        return components;
    }

    /** The model with the adapters that are in use. */
    public StableDiffusion model() {
        return model;
    }

    /**
     * Uses other adapters from now on; the base stays loaded.
     *
     * @param choices one of the sets that the model was opened for
     */
    public void use(List<AdapterChoice> choices) throws IOException {
        if (choices.equals(inUse)) {
            return;
        }
        if (fixed) {
            throw new IllegalStateException("the model was opened for " + inUse + " alone");
        }
        release();
        List<Weighted> weighted = weighted(choices, read);
        for (Component component : components(weighted)) {
            Map<String, TensorSource> merged = AdapterArithmetic.merged(base.component(component), component, weighted);
            Map<String, TensorSource> changed = new LinkedHashMap<>();
            weighted.forEach(each -> each.adapter().of(component).forEach((path, module) -> {
                if (module.changesBias()) {
                    throw new IllegalArgumentException("an adapter changes the bias of " + component.folder() + "."
                            + path + ", which cannot change between pictures; draw with one set of adapters at a time");
                }
                changed.put(path, merged.get(path + ".weight"));
            }));
            swapped.add(SwappedWeights.put(
                    model.kernels(), layers(component, changed.keySet()), model.precision(), changed));
        }
        inUse = choices;
    }

    private List<Layer> layers(Component component, Set<String> paths) throws IOException {
        List<Layer> layers = switch (component) {
            case UNET -> model.unet().layers();
            case TEXT_ENCODER -> model.prompts().encoders().get(0).layers();
            case TEXT_ENCODER_2 -> model.prompts().encoders().get(1).layers();
            case VAE -> List.of();
        };
        Set<String> known =
                new java.util.HashSet<>(layers.stream().map(Layer::path).toList());
        for (String path : paths) {
            if (!known.contains(path)) {
                throw new IllegalArgumentException("an adapter changes " + component.folder() + "." + path
                        + ", which cannot change between pictures; draw with one set of adapters at a time");
            }
        }
        return layers;
    }

    private void release() {
        swapped.forEach(SwappedWeights::close);
        swapped.clear();
        inUse = List.of();
    }

    @Override
    public void close() {
        release();
        model.close();
    }
}
