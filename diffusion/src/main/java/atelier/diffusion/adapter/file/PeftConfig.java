package atelier.diffusion.adapter.file;

import atelier.common.file.JsonText;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;

/**
 * The scales that PEFT keeps outside of its tensors: in adapter_config.json, or for diffusers in the file's metadata
 * under {@code lora_adapter_metadata}, there with the component's name before each key.
 */
public final class PeftConfig {
    static final String FILE = "adapter_config.json";
    public static final String WEIGHTS = "adapter_model.safetensors";
    static final String METADATA = "lora_adapter_metadata";
    static final ObjectMapper JSON = JsonText.mapper();

    private final JsonNode config;
    private final boolean prefixed;

    private PeftConfig(JsonNode config, boolean prefixed) {
        this.config = config;
        this.prefixed = prefixed;
    }

    static PeftConfig beside(Path file, Map<String, String> metadata) throws IOException {
        String packed = metadata.get(METADATA);
        Path beside = file.resolveSibling(FILE);
        try {
            if (packed != null) {
                return new PeftConfig(JSON.readTree(packed), true);
            }
            boolean peft = WEIGHTS.equals(String.valueOf(file.getFileName())) && Files.exists(beside);
            return new PeftConfig(peft ? JSON.readTree(beside.toFile()) : JSON.createObjectNode(), false);
        } catch (JsonProcessingException e) {
            throw new WeightsException(
                    (packed == null ? beside.toString() : file + " (" + METADATA + ")") + " is not JSON: "
                            + e.getOriginalMessage() + "; export the adapter again",
                    e);
        }
    }

    private JsonNode get(ModuleKey key, String name) {
        return config.path(prefixed ? key.component().folder() + "." + name : name);
    }

    private JsonNode alphaNode(ModuleKey key) {
        JsonNode lora = get(key, "lora_alpha");
        return lora.isMissingNode() ? get(key, "alpha") : lora;
    }

    /** Whether anything is said about the module's scale. */
    boolean states(ModuleKey key) {
        return alphaNode(key).isNumber();
    }

    /** Alpha such that alpha / rank is the module's scale. rsLoRA divides by the rank's root. */
    double alpha(ModuleKey key, int rank) {
        double alpha =
                pattern(get(key, "alpha_pattern"), key.path(), alphaNode(key).asDouble());
        return get(key, "use_rslora").asBoolean(false) ? alpha * Math.sqrt(rank) : alpha;
    }

    /** The stated rank; 0 where none is. */
    int rank(ModuleKey key) {
        return (int) pattern(get(key, "rank_pattern"), key.path(), get(key, "r").asDouble());
    }

    /** PEFT's patterns are paths, or their ends after a dot. */
    private static double pattern(JsonNode patterns, String path, double otherwise) {
        Iterator<Map.Entry<String, JsonNode>> entries = patterns.fields();
        while (entries.hasNext()) {
            Map.Entry<String, JsonNode> entry = entries.next();
            String pattern = entry.getKey().startsWith("^") ? entry.getKey().substring(1) : entry.getKey();
            if (path.equals(pattern) || path.endsWith("." + pattern)) {
                return finite(entry.getValue().asDouble(), path);
            }
        }
        return finite(otherwise, path);
    }

    private static double finite(double value, String path) {
        if (!Double.isFinite(value)) {
            throw new WeightsException("the adapter's configuration gives " + path + " a rank or alpha of " + value
                    + ", which is no number; export the adapter again");
        }
        return value;
    }
}
