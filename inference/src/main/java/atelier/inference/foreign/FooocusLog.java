package atelier.inference.foreign;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fooocus's JSON under "parameters". */
final class FooocusLog {
    private static final Set<String> SILENT = Set.of(
            "prompt",
            "negative_prompt",
            "full_prompt",
            "full_negative_prompt",
            "loras",
            "metadata_scheme",
            "version",
            "created_by",
            "resolution",
            "lora_combined_1");
    private static final Pattern SIZE = Pattern.compile("\\(?\\s*(\\d+)\\s*[,x]\\s*(\\d+)\\s*\\)?");
    private static final Pattern OLD_LORA = Pattern.compile("lora_combined_\\d+");

    private FooocusLog() {}

    static ForeignRecord read(JsonNode log) {
        JsonPairs pairs = new JsonPairs(log, SILENT)
                .rename("steps", "Steps")
                .rename("sampler", "Sampler")
                .rename("scheduler", "Schedule type")
                .rename("guidance_scale", "CFG scale")
                .rename("seed", "Seed")
                .rename("base_model", "Model")
                .rename("base_model_hash", "Model hash")
                .rename("clip_skip", "Clip skip")
                .rename("refiner_model", "Refiner");
        Matcher size = SIZE.matcher(log.path("resolution").asText());
        if (size.matches()) {
            pairs.put("Size", size.group(1) + "x" + size.group(2));
        }
        StringBuilder prompt = new StringBuilder(log.path("prompt").asText());
        for (JsonNode lora : log.path("loras")) {
            tag(prompt, lora.path(0).asText(), lora.path(1).asText());
        }
        log.properties().forEach(entry -> {
            String[] parts = entry.getValue().asText().split(" : ", 2);
            if (OLD_LORA.matcher(entry.getKey()).matches() && parts.length == 2) {
                tag(prompt, parts[0], parts[1]);
            }
        });
        Map<String, String> all = pairs.withTheRest(Set.of(
                "steps",
                "sampler",
                "scheduler",
                "guidance_scale",
                "seed",
                "base_model",
                "base_model_hash",
                "clip_skip",
                "refiner_model"));
        all.keySet().removeIf(key -> OLD_LORA.matcher(key).matches());
        if (all.getOrDefault("Refiner", "").equals("None")) {
            all.remove("Refiner");
            all.remove("refiner_switch");
        }
        // Its noise comes from the CPU's generator.
        all.put("RNG", "CPU");
        return new ForeignRecord(
                "Fooocus",
                prompt.toString().strip(),
                log.path("negative_prompt").asText(),
                all);
    }

    private static void tag(StringBuilder prompt, String name, String weight) {
        prompt.append(" <lora:")
                .append(name.strip())
                .append(':')
                .append(weight.strip())
                .append('>');
    }
}
