package atelier.diffusion.weights.adapter;

import atelier.diffusion.weights.Component;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An adapter without a file format.
 *
 * @param modules each changed layer's update
 * @param metadata the file's {@code __metadata__}
 */
public record AdapterState(Map<ModuleKey, ModuleState> modules, Map<String, String> metadata) {
    public AdapterState {
        modules = Collections.unmodifiableMap(new TreeMap<>(modules));
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
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
