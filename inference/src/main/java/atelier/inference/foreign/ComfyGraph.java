package atelier.inference.foreign;

import atelier.common.error.WrongCommandException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * ComfyUI's graph of nodes under "prompt", read from its first KSampler on along the links. Nodes that change the picture
 * and are not read here are named.
 */
final class ComfyGraph {
    private static final Set<String> SAMPLERS = Set.of("KSampler", "KSamplerAdvanced");
    /** Nodes that carry things from one to the next, or show them. */
    private static final Set<String> SILENT = Set.of(
            "SaveImage",
            "PreviewImage",
            "SaveImageWebsocket",
            "SaveAnimatedWEBP",
            "VAEDecode",
            "VAEDecodeTiled",
            "EmptyLatentImage",
            "Note",
            "MarkdownNote",
            "Reroute",
            "PrimitiveNode",
            "PrimitiveInt",
            "PrimitiveFloat",
            "PrimitiveString",
            "PrimitiveStringMultiline",
            "CLIPTextEncode",
            "CLIPTextEncodeSDXL",
            "CheckpointLoaderSimple",
            "CheckpointLoader",
            "LoraLoader",
            "LoraLoaderModelOnly",
            "CLIPSetLastLayer");

    private static final List<String> TEXTS = List.of("text", "text_g", "string", "value", "prompt", "text_l");
    private static final List<String> CONDITIONS =
            List.of("conditioning", "conditioning_1", "conditioning_to", "positive");

    private final JsonNode nodes;
    private final Set<String> read = new HashSet<>();
    private final Map<String, String> pairs = new LinkedHashMap<>();

    /** @param nodes by number, each with class_type and inputs */
    ComfyGraph(JsonNode nodes) {
        this.nodes = nodes;
    }

    /** @throws WrongCommandException if there is no KSampler in it */
    ForeignRecord read() {
        List<String> samplers = new ArrayList<>();
        nodes.fieldNames().forEachRemaining(id -> {
            if (SAMPLERS.contains(type(id))) {
                samplers.add(id);
            }
        });
        String first = samplers.stream()
                .filter(id -> latentSource(id).startsWith("Empty"))
                .findFirst()
                .or(() -> samplers.stream().findFirst())
                .orElseThrow(() -> new WrongCommandException("from_image: the picture's ComfyUI graph has no KSampler,"
                        + " so what it was drawn with cannot be read; name prompt and settings instead"));
        read.add(first);
        JsonNode inputs = inputs(first);
        put("Steps", value(inputs.path("steps")));
        put("Sampler", value(inputs.path("sampler_name")));
        put("Schedule type", value(inputs.path("scheduler")));
        put("CFG scale", value(inputs.path("cfg")));
        put("Seed", value(inputs.has("seed") ? inputs.path("seed") : inputs.path("noise_seed")));
        if (value(inputs.path("denoise")).asDouble(1) < 1) {
            put("Denoising strength", value(inputs.path("denoise")));
        }
        if (value(inputs.path("start_at_step")).asInt() > 0) {
            put("start_at_step", value(inputs.path("start_at_step")));
        }
        JsonNode latent = node(inputs.path("latent_image"));
        if (latent.path("inputs").has("width")) {
            pairs.put(
                    "Size",
                    value(latent.path("inputs").path("width")).asText() + "x"
                            + value(latent.path("inputs").path("height")).asText());
        }
        String positive = words(inputs.path("positive"), new HashSet<>());
        String negative = words(inputs.path("negative"), new HashSet<>());
        String tags = loras(inputs.path("model"));
        rest();
        // Its noise comes from the CPU's generator.
        pairs.put("RNG", "CPU");
        return new ForeignRecord("ComfyUI", (positive + tags).strip(), negative, pairs);
    }

    private void put(String key, JsonNode value) {
        if (JsonPairs.asks(value)) {
            pairs.put(key, value.asText());
        }
    }

    private String type(String id) {
        return nodes.path(id).path("class_type").asText();
    }

    private JsonNode inputs(String id) {
        return nodes.path(id).path("inputs");
    }

    private static boolean isLink(JsonNode value) {
        return value.isArray() && value.size() == 2 && value.path(1).isInt();
    }

    private JsonNode node(JsonNode link) {
        return isLink(link) ? nodes.path(link.path(0).asText()) : MissingNode.getInstance();
    }

    /** A value, or that of the node that gives it. */
    private JsonNode value(JsonNode value) {
        JsonNode found = value;
        for (int i = 0; i < nodes.size() && isLink(found); i++) {
            JsonNode inputs = node(found).path("inputs");
            found = inputs.has("seed") ? inputs.path("seed") : inputs.path("value");
        }
        return isLink(found) ? MissingNode.getInstance() : found;
    }

    private String latentSource(String sampler) {
        return node(inputs(sampler).path("latent_image")).path("class_type").asText();
    }

    /** The text behind a conditioning. */
    private String words(JsonNode link, Set<String> seen) {
        if (!isLink(link)) {
            return link.isTextual() ? link.asText() : "";
        }
        String id = link.path(0).asText();
        if (!seen.add(id)) {
            return "";
        }
        JsonNode inputs = inputs(id);
        for (List<String> keys : List.of(TEXTS, CONDITIONS)) {
            for (String key : keys) {
                JsonNode next = inputs.path(key);
                if (isLink(next) || next.isTextual()) {
                    return words(next, seen);
                }
            }
        }
        return "";
    }

    /** The adapters on the way from a sampler to its checkpoint, as tags, and the checkpoint's name. */
    private String loras(JsonNode model) {
        StringBuilder tags = new StringBuilder();
        Set<String> seen = new LinkedHashSet<>();
        JsonNode link = model;
        while (isLink(link) && seen.add(link.path(0).asText())) {
            JsonNode node = node(link);
            JsonNode inputs = node.path("inputs");
            String type = node.path("class_type").asText();
            if (type.startsWith("LoraLoader") && inputs.has("lora_name")) {
                String unet = value(inputs.path("strength_model")).asText("1");
                String text = type.equals("LoraLoader")
                        ? value(inputs.path("strength_clip")).asText(unet)
                        : "0";
                tags.insert(0, " <lora:" + inputs.path("lora_name").asText() + ":" + text + ":" + unet + ">");
            } else if (inputs.has("ckpt_name")) {
                put("Model", inputs.path("ckpt_name"));
            }
            link = inputs.path("model");
        }
        return tags.toString();
    }

    private void rest() {
        nodes.fieldNames().forEachRemaining(id -> {
            String type = type(id);
            JsonNode inputs = inputs(id);
            if (type.equals("CLIPSetLastLayer")) {
                pairs.put(
                        "Clip skip",
                        String.valueOf(-inputs.path("stop_at_clip_layer").asInt(-1)));
            } else if (type.equals("VAELoader")) {
                put("VAE", inputs.path("vae_name"));
            } else if (!read.contains(id) && !SILENT.contains(type)) {
                StringBuilder said = new StringBuilder();
                inputs.properties().forEach(entry -> {
                    if (entry.getValue().isValueNode()) {
                        said.append(said.isEmpty() ? "" : " ")
                                .append(entry.getKey())
                                .append('=')
                                .append(entry.getValue().asText());
                    }
                });
                pairs.merge("node " + type, said.toString(), (a, b) -> a.equals(b) ? a : a + "; " + b);
            }
        });
    }
}
