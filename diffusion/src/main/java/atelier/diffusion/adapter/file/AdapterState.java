package atelier.diffusion.adapter.file;

import atelier.common.file.JsonText;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An adapter without a file format.
 *
 * @param modules each changed layer's update
 * @param metadata the file's {@code __metadata__}
 * @param embeddings embedding tokens that the file brings along
 * @param unread tensors that no update is made of, as the file names them
 */
public record AdapterState(
        Map<ModuleKey, ModuleState> modules,
        Map<String, String> metadata,
        List<TextualInversion> embeddings,
        List<String> unread) {
    /**
     * Key of the metadata under which an adapter that was trained to another prediction or noise schedule than its base
     * model's says which, as scheduler_config.json would.
     */
    public static final String SCHEDULER = "atelier.scheduler";

    private static final ObjectMapper JSON = JsonText.mapper();

    public AdapterState {
        modules = Collections.unmodifiableMap(new TreeMap<>(modules));
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
        embeddings = List.copyOf(embeddings);
        unread = List.copyOf(unread);
    }

    /** Updates alone. */
    public AdapterState(Map<ModuleKey, ModuleState> modules, Map<String, String> metadata) {
        this(modules, metadata, List.of(), List.of());
    }

    /**
     * The scheduler's configuration that the adapter was trained to, where it is not its base model's.
     *
     * @param place the file, for messages
     * @throws WeightsException if the metadata has no readable configuration there
     */
    public Optional<ObjectNode> scheduler(String place) {
        String text = metadata.get(SCHEDULER);
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of((ObjectNode) JSON.readTree(text));
        } catch (JsonProcessingException | ClassCastException e) {
            throw new WeightsException(
                    place + ": the metadata's " + SCHEDULER + " is no JSON object; export the adapter again", e);
        }
    }

    /** The networks that have modules. */
    public Set<Component> components() {
        Set<Component> components = EnumSet.noneOf(Component.class);
        modules.keySet().forEach(key -> components.add(key.component()));
        return components;
    }

    /** One network's modules by path. */
    public Map<String, ModuleState> of(Component component) {
        Map<String, ModuleState> of = new TreeMap<>();
        modules.forEach((key, module) -> {
            if (key.component() == component) {
                of.put(key.path(), module);
            }
        });
        return of;
    }

    /** The methods that occur. */
    public Set<AdapterMethod> methods() {
        Set<AdapterMethod> methods = EnumSet.noneOf(AdapterMethod.class);
        modules.values().forEach(module -> methods.add(module.method()));
        return methods;
    }

    /** The ranks that occur, ascending. */
    public Set<Integer> ranks() {
        Set<Integer> ranks = new TreeSet<>();
        modules.values().forEach(module -> ranks.add(module.rank()));
        return ranks;
    }
}
