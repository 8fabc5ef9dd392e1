package atelier.diffusion.weights.name;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Two sets of names for the same modules. A tensor or module is renamed by its longest listed prefix; what follows is
 * named alike in both sets.
 */
public final class NameTable {
    private final Map<String, String> ldm = new LinkedHashMap<>();
    private final Map<String, String> diffusers = new LinkedHashMap<>();

    /** Lists one module. */
    void put(String diffusersName, String ldmName) {
        ldm.put(diffusersName, ldmName);
        diffusers.put(ldmName, diffusersName);
    }

    public Optional<String> toLdm(String name) {
        return rename(ldm, name);
    }

    public Optional<String> toDiffusers(String name) {
        return rename(diffusers, name);
    }

    private static Optional<String> rename(Map<String, String> names, String name) {
        for (int end = name.length(); end > 0; end = name.lastIndexOf('.', end - 1)) {
            String other = names.get(name.substring(0, end));
            if (other != null) {
                return Optional.of(other + name.substring(end));
            }
        }
        return Optional.empty();
    }
}
