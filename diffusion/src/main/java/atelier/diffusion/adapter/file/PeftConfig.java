package atelier.diffusion.adapter.file;

import atelier.common.file.JsonText;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.regex.PatternSyntaxException;

/**
 * The scales that PEFT keeps outside of its tensors: in adapter_config.json, or for diffusers in the file's metadata
 * under {@code lora_adapter_metadata}, there with the component's name before each key.
 */
public final class PeftConfig {
    static final String FILE = "adapter_config.json";
    public static final String WEIGHTS = "adapter_model.safetensors";
    static final String METADATA = "lora_adapter_metadata";
    static final ObjectMapper JSON = JsonText.mapper();

    /** lora_alpha, and alpha of the other methods, where the configuration does not say it. */
    private static final int DEFAULT_ALPHA = 8;

    private static final String BARE = "text_model.";

    private final String place;
    private final JsonNode config;
    private final boolean prefixed;

    private PeftConfig(String place, JsonNode config, boolean prefixed) {
        this.place = place;
        this.config = config;
        this.prefixed = prefixed;
    }

    static PeftConfig beside(Path file, Map<String, String> metadata) throws IOException {
        String packed = metadata.get(METADATA);
        Path beside = file.resolveSibling(FILE);
        String place = packed == null ? beside.toString() : file + " (" + METADATA + ")";
        try {
            if (packed != null) {
                return new PeftConfig(place, JSON.readTree(packed), true);
            }
            boolean peft = WEIGHTS.equals(String.valueOf(file.getFileName())) && Files.exists(beside);
            return new PeftConfig(place, peft ? JSON.readTree(beside.toFile()) : JSON.createObjectNode(), false);
        } catch (JsonProcessingException e) {
            throw new WeightsException(
                    place + " is not JSON: " + e.getOriginalMessage() + "; export the adapter again", e);
        }
    }

    /**
     * The text encoder that PEFT's folder is for. Its tensors do not say which; XL's second has a projection, and a
     * pipeline's folders have the networks' names.
     */
    static Component textEncoder(Path file, PeftConfig config) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        boolean named = folder != null && String.valueOf(folder.getFileName()).equals("text_encoder_2");
        String base =
                config.config.path("auto_mapping").path("base_model_class").asText();
        return named || base.endsWith("WithProjection") ? Component.TEXT_ENCODER_2 : Component.TEXT_ENCODER;
    }

    /** A setting of the module's network. */
    JsonNode get(ModuleKey key, String name) {
        return config.path(prefixed ? key.component().folder() + "." + name : name);
    }

    private JsonNode alphaNode(ModuleKey key) {
        JsonNode lora = get(key, "lora_alpha");
        JsonNode stated = lora.isMissingNode() ? get(key, "alpha") : lora;
        boolean unsaid = stated.isMissingNode() && get(key, "r").isNumber();
        return unsaid ? JSON.getNodeFactory().numberNode(DEFAULT_ALPHA) : stated;
    }

    /** Whether anything is said about the module's scale. */
    boolean states(ModuleKey key) {
        return alphaNode(key).isNumber();
    }

    /** Alpha such that alpha / rank is the module's scale. rsLoRA divides by the rank's root. */
    double alpha(ModuleKey key, int rank) {
        double alpha =
                pattern(get(key, "alpha_pattern"), key.path(), alphaNode(key).asDouble());
        requireFinite("an alpha", alpha, key);
        return get(key, "use_rslora").asBoolean(false) ? alpha * Math.sqrt(rank) : alpha;
    }

    /** The stated rank; 0 where none is. */
    int rank(ModuleKey key) {
        double rank =
                pattern(get(key, "rank_pattern"), key.path(), get(key, "r").asDouble());
        requireFinite("a rank", rank, key);
        return (int) rank;
    }

    /** The value of the first pattern that matches; the network may know the path with or without text_model. */
    private double pattern(JsonNode patterns, String path, double otherwise) {
        String bare = path.startsWith(BARE) ? path.substring(BARE.length()) : path;
        Iterator<Map.Entry<String, JsonNode>> entries = patterns.fields();
        while (entries.hasNext()) {
            Map.Entry<String, JsonNode> entry = entries.next();
            try {
                if (PythonPattern.matches(entry.getKey(), path) || PythonPattern.matches(entry.getKey(), bare)) {
                    return entry.getValue().asDouble();
                }
            } catch (PatternSyntaxException | StackOverflowError e) {
                throw new WeightsException(
                        place + " has the pattern '" + entry.getKey() + "', which is no regular expression of the kind"
                                + " that PEFT takes, so ranks and alphas are unknown; write the layers' paths instead",
                        e);
            }
        }
        return otherwise;
    }

    private void requireFinite(String what, double value, ModuleKey key) {
        if (!Double.isFinite(value)) {
            throw new WeightsException(place + " has " + what + " of " + value + " for " + key
                    + "; ranks and alphas are finite numbers, export the adapter again");
        }
    }
}
