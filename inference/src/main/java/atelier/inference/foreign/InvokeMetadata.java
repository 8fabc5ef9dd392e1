package atelier.inference.foreign;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** InvokeAI's JSON under "invokeai_metadata", its older form under "sd-metadata", and its oldest line under "Dream". */
final class InvokeMetadata {
    private static final String PROGRAM = "InvokeAI";
    private static final Set<String> SILENT = Set.of(
            "positive_prompt",
            "negative_prompt",
            "width",
            "height",
            "app_version",
            "generation_mode",
            "loras",
            "model",
            "rand_device",
            "prompt",
            "type",
            "postprocessing",
            "variations",
            "cfg_rescale_multiplier");
    private static final Set<String> RENAMED = Set.of("steps", "scheduler", "sampler", "cfg_scale", "seed", "strength");
    private static final Pattern DREAM =
            Pattern.compile("(?s)\\s*\"?(.*?)\"?((?:\\s+-[A-Za-z]+\\s*[\\w.:,/]+|\\s+--?\\w+)*)\\s*");
    private static final Pattern OPTION = Pattern.compile("-([A-Za-z]+)\\s*([\\w.:,/]*)");

    private InvokeMetadata() {}

    static ForeignRecord read(JsonNode metadata) {
        JsonNode image = metadata.path("image").isObject() ? metadata.path("image") : metadata;
        JsonPairs pairs = new JsonPairs(image, SILENT)
                .rename("steps", "Steps")
                .rename("sampler", "Sampler")
                .rename("scheduler", "Sampler")
                .rename("cfg_scale", "CFG scale")
                .rename("seed", "Seed");
        if (image.path("cfg_rescale_multiplier").asDouble() > 0) {
            pairs.rename("cfg_rescale_multiplier", "CFG Rescale phi");
        }
        if (image.path("width").isNumber() && image.path("height").isNumber()) {
            pairs.put(
                    "Size",
                    image.path("width").asInt() + "x" + image.path("height").asInt());
        }
        if (image.path("generation_mode").asText().contains("img2img")
                || image.path("type").asText().equals("img2img")) {
            pairs.rename("strength", "Denoising strength");
        }
        JsonNode model = image.path("model");
        String name = name(model);
        if (!name.isEmpty() || metadata.has("model_weights")) {
            pairs.put("Model", name.isEmpty() ? metadata.path("model_weights").asText() : name);
        }
        JsonNode hash = model.has("hash") ? model.path("hash") : metadata.path("model_hash");
        if (JsonPairs.asks(hash)) {
            pairs.put("Model hash", hash.asText());
        }
        StringBuilder prompt = new StringBuilder(words(image.path("positive_prompt"), image.path("prompt")));
        for (JsonNode lora : image.path("loras")) {
            JsonNode which = lora.has("model") ? lora.path("model") : lora.path("lora");
            prompt.append(" <lora:")
                    .append(name(which))
                    .append(':')
                    .append(lora.path("weight").asText("1"))
                    .append('>');
        }
        Map<String, String> all = pairs.withTheRest(RENAMED);
        // Noise is the CPU's unless the record says the card's.
        all.put("RNG", image.path("rand_device").asText("cpu").equals("cuda") ? "GPU" : "CPU");
        return new ForeignRecord(
                PROGRAM,
                prompt.toString().strip(),
                image.path("negative_prompt").asText(),
                all);
    }

    private static String name(JsonNode model) {
        String name = model.path("name").asText(model.path("model_name").asText());
        return name.isEmpty() && model.isTextual() ? model.asText() : name;
    }

    private static String words(JsonNode positive, JsonNode parts) {
        if (!parts.isArray()) {
            return positive.asText(parts.asText());
        }
        StringBuilder words = new StringBuilder();
        parts.forEach(part -> words.append(words.isEmpty() ? "" : ", ")
                .append(part.path("prompt").asText()));
        return words.toString();
    }

    /** {@code "a fox" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms}. */
    static ForeignRecord dream(String line) {
        Matcher whole = DREAM.matcher(line);
        Map<String, String> pairs = new LinkedHashMap<>();
        if (!whole.matches()) {
            return new ForeignRecord(PROGRAM, line.strip(), "", pairs);
        }
        String width = "";
        Matcher option = OPTION.matcher(whole.group(2));
        while (option.find()) {
            String value = option.group(2);
            switch (option.group(1)) {
                case "s" -> pairs.put("Steps", value);
                case "S" -> pairs.put("Seed", value);
                case "C" -> pairs.put("CFG scale", value);
                case "A" -> pairs.put("Sampler", value);
                case "W" -> width = value;
                case "H" -> pairs.put("Size", width + "x" + value);
                default -> pairs.put("-" + option.group(1), value);
            }
        }
        pairs.put("RNG", "CPU");
        return new ForeignRecord(PROGRAM, whole.group(1), "", pairs);
    }
}
