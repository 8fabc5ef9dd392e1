package atelier.inference.foreign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * ComfyUI's drawing of a graph under "workflow", brought to the form that it runs and keeps under "prompt". The drawing
 * holds the widgets' values without their names, so those of the nodes that matter stand here.
 */
final class ComfyWorkflow {
    private static final Map<String, List<String>> WIDGETS = Map.of(
            "KSampler", List.of("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
            "KSamplerAdvanced",
                    List.of(
                            "add_noise",
                            "noise_seed",
                            "",
                            "steps",
                            "cfg",
                            "sampler_name",
                            "scheduler",
                            "start_at_step",
                            "end_at_step",
                            "return_with_leftover_noise"),
            "CLIPTextEncode", List.of("text"),
            "EmptyLatentImage", List.of("width", "height", "batch_size"),
            "CheckpointLoaderSimple", List.of("ckpt_name"),
            "LoraLoader", List.of("lora_name", "strength_model", "strength_clip"),
            "LoraLoaderModelOnly", List.of("lora_name", "strength_model"),
            "CLIPSetLastLayer", List.of("stop_at_clip_layer"),
            "VAELoader", List.of("vae_name"));
    /** Nodes that the user switched off. */
    private static final List<Integer> OFF = List.of(2, 4);

    private ComfyWorkflow() {}

    static ObjectNode nodes(JsonNode workflow) {
        Map<Integer, JsonNode> links = new HashMap<>();
        workflow.path("links").forEach(link -> links.put(link.path(0).asInt(), link));
        ObjectNode nodes = JsonNodeFactory.instance.objectNode();
        for (JsonNode node : workflow.path("nodes")) {
            if (OFF.contains(node.path("mode").asInt())) {
                continue;
            }
            ObjectNode made = nodes.putObject(node.path("id").asText());
            made.set("class_type", node.path("type"));
            ObjectNode inputs = made.putObject("inputs");
            List<String> names = WIDGETS.getOrDefault(node.path("type").asText(), List.of());
            JsonNode values = node.path("widgets_values");
            for (int i = 0; i < names.size() && i < values.size(); i++) {
                if (!names.get(i).isEmpty()) {
                    inputs.set(names.get(i), values.path(i));
                }
            }
            for (JsonNode input : node.path("inputs")) {
                JsonNode link = links.get(input.path("link").asInt(-1));
                if (link != null) {
                    inputs.putArray(input.path("name").asText())
                            .add(link.path(1).asText())
                            .add(link.path(2).asInt());
                }
            }
        }
        return nodes;
    }
}
