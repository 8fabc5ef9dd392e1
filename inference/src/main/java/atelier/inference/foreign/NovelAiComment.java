package atelier.inference.foreign;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;

/** NovelAI's JSON in the PNG text "Comment"; its braces weigh words by 1.05, and round brackets are words. */
final class NovelAiComment {
    private static final Set<String> SILENT = Set.of(
            "prompt",
            "uc",
            "width",
            "height",
            "n_samples",
            "signed_hash",
            "request_type",
            "v4_prompt",
            "v4_negative_prompt",
            "version",
            "legacy",
            "add_original_image");
    private static final double STEP = 1.05;

    private NovelAiComment() {}

    /** @param description the prompt where the comment has none */
    static ForeignRecord read(JsonNode comment, String description) {
        JsonPairs pairs = new JsonPairs(comment, SILENT)
                .rename("steps", "Steps")
                .rename("sampler", "Sampler")
                .rename("noise_schedule", "Schedule type")
                .rename("scale", "CFG scale")
                .rename("seed", "Seed");
        if (comment.path("cfg_rescale").asDouble() > 0) {
            pairs.rename("cfg_rescale", "CFG Rescale phi");
        }
        if (comment.path("width").isNumber() && comment.path("height").isNumber()) {
            pairs.put(
                    "Size",
                    comment.path("width").asInt() + "x" + comment.path("height").asInt());
        }
        if (comment.path("request_type").asText().contains("Image2Image")) {
            pairs.rename("strength", "Denoising strength");
        }
        Map<String, String> all = pairs.withTheRest(
                Set.of("steps", "sampler", "noise_schedule", "scale", "seed", "cfg_rescale", "strength"));
        all.values().removeIf(value -> value.equals("0") || value.equals("0.0"));
        // Settings of theirs that stand at the value which changes nothing.
        all.remove("uncond_scale", "1.0");
        all.remove("uncond_scale", "1");
        all.put("RNG", "CPU");
        String prompt = comment.path("prompt").asText(description);
        return new ForeignRecord(
                "NovelAI", weighted(prompt), weighted(comment.path("uc").asText()), all);
    }

    /** The words with weights as they are written here. */
    static String weighted(String prompt) {
        StringBuilder out = new StringBuilder();
        String plain = prompt.replaceAll("(?s)(-?\\d+(?:\\.\\d+)?)::(.*?)::", "\uE000$2\uE001$1\uE002");
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            switch (c) {
                case '{', '[', '\uE000' -> out.append('(');
                case '}' -> out.append(':').append(STEP).append(')');
                case ']' -> out.append(":0.952381)");
                case '(' -> out.append("\\(");
                case ')' -> out.append("\\)");
                case '\uE001' -> out.append(':');
                case '\uE002' -> out.append(')');
                default -> out.append(c);
            }
        }
        return out.toString();
    }
}
