package atelier.inference.draw;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.SwappedWeights;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.math.AdapterArithmetic;
import atelier.diffusion.adapter.math.AdapterArithmetic.Weighted;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.ModelSource;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.WeightsException;
import atelier.inference.request.AdapterChoice;
import atelier.inference.request.EmbeddingChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
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
    private final List<SwappedWeights> swapped = new ArrayList<>();
    private final Set<EmbeddingChoice> embeddings = new HashSet<>();
    private ReadAdapters read;
    private List<AdapterChoice> inUse;

    private ModelSession(
            StableDiffusion model, Checkpoint base, boolean fixed, ReadAdapters read, List<AdapterChoice> inUse) {
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
     * @throws WrongCommandException if an adapter does not exist or changes a network that the model lacks
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
        return open(model, sets, kernels, precision, sets.stream().distinct().count() <= 1);
    }

    /**
     * Opens a model that stays loaded while adapters come and go: see {@link #add}.
     *
     * @param sets the adapters that are wanted at first, set by set
     */
    public static ModelSession openToChange(
            ModelSource model, List<List<AdapterChoice>> sets, Kernels kernels, Precision precision)
            throws IOException {
        return open(model, sets, kernels, precision, false);
    }

    private static ModelSession open(
            ModelSource model, List<List<AdapterChoice>> sets, Kernels kernels, Precision precision, boolean fixed)
            throws IOException {
        Checkpoint checkpoint = Checkpoint.open(model);
        ReadAdapters read = ReadAdapters.of(sets, checkpoint);
        checkpoint = read.withScheduler(checkpoint);
        List<List<AdapterChoice>> different = sets.stream().distinct().toList();
        List<AdapterChoice> first = fixed && !different.isEmpty() ? different.get(0) : List.of();
        Checkpoint merged = checkpoint;
        List<Weighted> weighted = read.weighted(first);
        for (Component component : ReadAdapters.components(weighted)) {
            merged = merged.withWeights(
                    component, AdapterArithmetic.merged(merged.component(component), component, weighted));
        }
        LoadOptions options = new LoadOptions(precision, Use.INFERENCE);
        return new ModelSession(
                withEmbeddings(StableDiffusion.of(merged, kernels, options), read), checkpoint, fixed, read, first);
    }

    /** The tokens that adapters' files bring along: they stand in prompts whatever the adapter's strength. */
    private static StableDiffusion withEmbeddings(StableDiffusion model, ReadAdapters read) throws IOException {
        try {
            read.addEmbeddings(model);
            return model;
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /**
     * Takes on the adapters of further sets, which {@link #use} may then name.
     *
     * @return whether it can: not where an adapter changes what stays as it was when the model was opened, which are the noise
     *     schedule, a bias, the autoencoder and the tokens of prompts
     * @throws WrongCommandException if an adapter does not exist, or is for another model
     */
    public boolean add(List<List<AdapterChoice>> sets) throws IOException {
        if (fixed) {
            return sets.stream().allMatch(inUse::equals);
        }
        ReadAdapters more = read.and(sets, base);
        Set<Path> wanted = new HashSet<>(more.beyondWeights());
        wanted.retainAll(
                sets.stream().flatMap(List::stream).map(AdapterChoice::file).toList());
        if (!wanted.equals(read.beyondWeights())) {
            return false;
        }
        for (List<AdapterChoice> set : sets) {
            for (Weighted each : more.weighted(set)) {
                if (!canSwap(each)) {
                    return false;
                }
            }
        }
        read = more;
        return true;
    }

    private boolean canSwap(Weighted weighted) throws IOException {
        for (Component component : weighted.adapter().components()) {
            Set<String> known =
                    new HashSet<>(layers(component).stream().map(Layer::path).toList());
            for (Map.Entry<String, ModuleState> module :
                    weighted.adapter().of(component).entrySet()) {
                if (module.getValue().changesBias() || !known.contains(module.getKey())) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Teaches prompts the tokens of textual inversions; those that were added before are left alone. */
    public void addEmbeddings(List<EmbeddingChoice> choices) throws IOException {
        for (EmbeddingChoice choice : choices) {
            if (embeddings.add(choice)) {
                model.prompts().addEmbedding(TextualInversion.read(choice.file(), choice.token()));
            }
        }
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
        List<Weighted> weighted = read.weighted(choices);
        for (Component component : ReadAdapters.components(weighted)) {
            Map<String, TensorSource> merged = AdapterArithmetic.merged(base.component(component), component, weighted);
            Map<String, TensorSource> changed = new LinkedHashMap<>();
            weighted.forEach(each -> each.adapter().of(component).forEach((path, module) -> {
                if (module.changesBias()) {
                    throw new WrongCommandException("an adapter changes the bias of " + component.folder() + "." + path
                            + ", which cannot change between pictures; draw with one set of adapters at a time");
                }
                changed.put(path, merged.get(path + ".weight"));
            }));
            swapped.add(SwappedWeights.put(
                    model.kernels(), layers(component, changed.keySet()), model.precision(), changed));
        }
        inUse = choices;
    }

    private List<Layer> layers(Component component) throws IOException {
        return switch (component) {
            case UNET -> model.unet().layers();
            case TEXT_ENCODER -> model.prompts().encoders().get(0).layers();
            case TEXT_ENCODER_2 -> model.prompts().encoders().get(1).layers();
            case VAE -> List.of();
        };
    }

    private List<Layer> layers(Component component, Set<String> paths) throws IOException {
        List<Layer> layers = layers(component);
        Set<String> known = new HashSet<>(layers.stream().map(Layer::path).toList());
        for (String path : paths) {
            if (!known.contains(path)) {
                throw new WrongCommandException("an adapter changes " + component.folder() + "." + path
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
