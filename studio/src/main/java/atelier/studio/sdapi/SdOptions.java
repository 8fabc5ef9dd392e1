package atelier.studio.sdapi;

import atelier.cli.config.NearestNames;
import atelier.studio.draw.ModelNames;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of AUTOMATIC1111's web UI that mean something here.
 *
 * @param model name of the model; null for the one that the studio was started with
 * @param clipStop CLIP_stop_at_last_layers: 1 leaves no layer out; null for generate's default
 * @param noise randn_source: whose random numbers a seed stands for; null for generate's default
 */
record SdOptions(
        @Nullable String model,
        @Nullable Integer clipStop,
        @Nullable String noise) {
    private static final int WRONG = 422;
    private static final int MOST_LAYERS = 12;
    private static final String MODEL = "sd_model_checkpoint";
    private static final String CLIP = "CLIP_stop_at_last_layers";
    private static final String NOISE = "randn_source";
    /** Options that are told, and may be set to what they are. */
    private static final Map<String, JsonNode> FIXED = Map.of(
            "sd_vae", text("Automatic"),
            "samples_format", text("png"),
            "eta_noise_seed_delta", number(0),
            "sd_checkpoint_hash", text(""),
            "face_restoration_model", text("None"),
            "live_previews_enable", JsonNodeFactory.instance.booleanNode(true),
            "enable_pnginfo", JsonNodeFactory.instance.booleanNode(true));

    static final SdOptions NONE = new SdOptions(null, null, null);

    private static JsonNode text(String text) {
        return JsonNodeFactory.instance.textNode(text);
    }

    private static JsonNode number(int number) {
        return JsonNodeFactory.instance.numberNode(number);
    }

    /**
     * These with others on top.
     *
     * @throws SdFault with 422 for an option that is not here, or a value that it cannot have
     */
    SdOptions with(JsonNode changes, ModelNames models) {
        String newModel = model;
        Integer newClip = clipStop;
        String newNoise = noise;
        for (Iterator<Map.Entry<String, JsonNode>> each = changes.fields(); each.hasNext(); ) {
            Map.Entry<String, JsonNode> change = each.next();
            JsonNode value = change.getValue();
            if (value.isNull()) {
                continue;
            }
            switch (change.getKey()) {
                case MODEL -> newModel = model(value, models);
                case CLIP -> newClip = clip(value);
                case NOISE -> newNoise = noise(value);
                default -> requireFixed(change.getKey(), value);
            }
        }
        return new SdOptions(newModel, newClip, newNoise);
    }

    private static String model(JsonNode value, ModelNames models) {
        if (!value.isTextual()) {
            throw new SdFault(WRONG, MODEL, MODEL + ": it must be text, got " + value);
        }
        return models.find(MODEL, value.textValue()).name();
    }

    private static int clip(JsonNode value) {
        if (!value.isNumber()
                || value.doubleValue() != value.intValue()
                || value.intValue() < 1
                || value.intValue() > MOST_LAYERS) {
            throw new SdFault(WRONG, CLIP, CLIP + ": it must be a whole number from 1 to 12, got " + value);
        }
        return value.intValue();
    }

    private static String noise(JsonNode value) {
        String text = value.asText().toUpperCase(Locale.ROOT);
        if (!List.of("CPU", "GPU", "NV").contains(text)) {
            throw new SdFault(WRONG, NOISE, NOISE + ": it must be CPU, GPU or NV, got " + value);
        }
        return text;
    }

    private static void requireFixed(String name, JsonNode value) {
        JsonNode fixed = FIXED.get(name);
        if (fixed == null) {
            List<String> known = new ArrayList<>(FIXED.keySet());
            known.addAll(List.of(MODEL, CLIP, NOISE));
            throw new SdFault(
                    WRONG,
                    name,
                    name + ": there is no such option here; "
                            + NearestNames.question(name, known, "there are " + MODEL + ", " + CLIP + ", " + NOISE));
        }
        boolean same =
                fixed.isNumber() && value.isNumber() ? fixed.doubleValue() == value.doubleValue() : fixed.equals(value);
        if (!same && !name.equals("sd_checkpoint_hash")) {
            throw new SdFault(WRONG, name, name + ": it is " + fixed + " and cannot be changed, got " + value);
        }
    }

    /** All options as they are told. */
    ObjectNode told(ModelNames models, int clipSkip, String rng) {
        ModelNames.Model present = model == null ? models.own() : models.find(MODEL, model);
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put(MODEL, present.title());
        node.put(CLIP, clipStop == null ? clipSkip + 1 : clipStop);
        node.put(NOISE, noise != null ? noise : rng.equals("cuda") ? "GPU" : "CPU");
        FIXED.forEach(node::set);
        node.put("sd_checkpoint_hash", present.sha256() == null ? "" : present.sha256());
        return node;
    }
}
