package atelier.inference.draw;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.math.AdapterArithmetic.Weighted;
import atelier.diffusion.adapter.math.BlockStrength;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.weights.Checkpoint;
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
import java.util.stream.Collectors;

/** Adapters that were read, each once, and fit the model that they are for. */
final class ReadAdapters {
    private final Map<Path, AdapterState> states;

    private ReadAdapters(Map<Path, AdapterState> states) {
        this.states = states;
    }

    /**
     * Reads the adapters of all sets.
     *
     * @throws WrongCommandException if an adapter does not exist or changes a network that the model lacks
     * @throws WeightsException if an adapter is for another model
     */
    static ReadAdapters of(List<List<AdapterChoice>> sets, Checkpoint checkpoint) throws IOException {
        Map<Path, AdapterState> states = new HashMap<>();
        for (List<AdapterChoice> set : sets) {
            for (AdapterChoice choice : set) {
                if (!states.containsKey(choice.file())) {
                    states.put(choice.file(), read(choice.file(), checkpoint));
                }
            }
        }
        for (List<AdapterChoice> set : sets) {
            for (AdapterChoice choice : set) {
                BlockStrength.check(choice.blocks(), states.values());
            }
        }
        return new ReadAdapters(states);
    }

    /** These and those of further sets, which are read where they are not yet. */
    ReadAdapters and(List<List<AdapterChoice>> sets, Checkpoint checkpoint) throws IOException {
        List<List<AdapterChoice>> unread = sets.stream()
                .map(set -> set.stream()
                        .filter(choice -> !states.containsKey(choice.file()))
                        .toList())
                .toList();
        Map<Path, AdapterState> all = new HashMap<>(states);
        all.putAll(of(unread, checkpoint).states);
        for (List<AdapterChoice> set : sets) {
            for (AdapterChoice choice : set) {
                BlockStrength.check(choice.blocks(), all.values());
            }
        }
        return new ReadAdapters(all);
    }

    /** Those that change more than weights: they bring tokens along, or a noise schedule. */
    Set<Path> beyondWeights() {
        return states.entrySet().stream()
                .filter(each -> !each.getValue().embeddings().isEmpty()
                        || each.getValue().scheduler(each.getKey().toString()).isPresent())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** The model with the schedule and prediction that the adapters were trained to, where they say another one. */
    Checkpoint withScheduler(Checkpoint checkpoint) {
        Map<ObjectNode, Path> schedulers = new LinkedHashMap<>();
        states.forEach(
                (file, state) -> state.scheduler(file.toString()).ifPresent(config -> schedulers.put(config, file)));
        if (schedulers.size() > 1) {
            throw new WrongCommandException("the adapters " + schedulers.values()
                    + " were trained to different predictions or noise schedules; draw with one of them at a time");
        }
        return schedulers.isEmpty()
                ? checkpoint
                : checkpoint.withScheduler(schedulers.keySet().iterator().next());
    }

    private static AdapterState read(Path file, Checkpoint checkpoint) throws IOException {
        if (!Files.exists(file)) {
            throw new WrongCommandException(
                    "the adapter " + file + " does not exist; adapters names .safetensors files or folders of PEFT's");
        }
        AdapterState state =
                AdapterFile.read(file, checkpoint.component(Component.UNET).config());
        for (Component component : state.components()) {
            if (!checkpoint.has(component)) {
                throw new WrongCommandException("the adapter " + file + " changes " + component.folder() + ", which "
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
            throw new WrongCommandException("the adapter " + file + " does not fit " + weights.place()
                    + ": it changes the layer " + path + ", " + there
                    + "; it was trained for another family of models, so draw with a model of that family");
        }
    }

    /** The adapters of some choices with their strengths. */
    List<Weighted> weighted(List<AdapterChoice> choices) {
        List<Weighted> weighted = new ArrayList<>();
        for (AdapterChoice choice : choices) {
            AdapterState state = states.get(choice.file());
            if (state == null) {
                throw new IllegalArgumentException(choice.file() + " was not named when the model was opened");
            }
            weighted.add(new Weighted(state, BlockStrength.of(choice.weight(), choice.blocks())));
        }
        return weighted;
    }

    /** Puts the tokens that adapters' files bring along into prompts, whatever an adapter's strength. */
    void addEmbeddings(StableDiffusion model) throws IOException {
        for (AdapterState state : states.values()) {
            for (TextualInversion embedding : state.embeddings()) {
                model.prompts().addEmbedding(embedding);
            }
        }
    }

    /** The networks that some adapters change. */
    static Set<Component> components(List<Weighted> weighted) {
        Set<Component> components = EnumSet.noneOf(Component.class);
        weighted.forEach(each -> components.addAll(each.adapter().components()));
        return components;
    }
}
