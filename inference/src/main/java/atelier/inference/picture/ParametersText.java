package atelier.inference.picture;

import atelier.inference.sampler.schedule.SamplerKind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The text that AUTOMATIC1111's web UI keeps under "parameters" in its PNGs and that galleries read: the prompt, a line
 * for the negative prompt, and a last line of "Key: value" pairs.
 */
public final class ParametersText {
    private static final String NEGATIVE = "Negative prompt: ";

    private ParametersText() {}

    /** The text of a record; its readers are others' programs, so it holds what they know. */
    public static String of(GenerationParameters record) {
        Map<String, String> pairs = new LinkedHashMap<>();
        pairs.put("Steps", String.valueOf(record.steps()));
        pairs.put("Sampler", display(record.sampler()));
        pairs.put("Schedule type", schedule(record.sigmas()));
        pairs.put("CFG scale", number(record.guidanceScale()));
        pairs.put("Seed", String.valueOf(record.seed()));
        pairs.put("Size", record.width() + "x" + record.height());
        if (record.modelHash() != null) {
            pairs.put("Model hash", record.modelHash());
        }
        pairs.put("Model", name(record.model()));
        if (record.strength() != null) {
            pairs.put("Denoising strength", number(record.strength()));
        } else if (record.hiresStrength() != null) {
            pairs.put("Denoising strength", number(record.hiresStrength()));
        }
        if (record.clipSkip() > 0) {
            // Theirs counts the last layer as 1.
            pairs.put("Clip skip", String.valueOf(record.clipSkip() + 1));
        }
        if (record.hiresScale() != null) {
            pairs.put("Hires upscale", number(record.hiresScale()));
        }
        if (record.guidanceRescale() > 0) {
            pairs.put("CFG Rescale phi", number(record.guidanceRescale()));
        }
        if (record.noise().equals("torch")) {
            pairs.put("RNG", "CPU");
        }
        if (!record.adapters().isEmpty()) {
            List<String> uses = new ArrayList<>();
            record.adapters().forEach(use -> uses.add(name(use.file()) + ":" + number(use.weight())));
            pairs.put("Adapters", String.join(" ", uses));
        }
        pairs.put("Version", record.software());
        List<String> written = new ArrayList<>();
        pairs.forEach((key, value) -> written.add(key + ": " + quoted(value)));
        String negative = record.negativePrompt().isEmpty() ? "" : "\n" + NEGATIVE + record.negativePrompt();
        return record.prompt() + negative + "\n" + String.join(", ", written);
    }

    private static String quoted(String value) {
        if (!value.contains(",") && !value.contains("\n") && !value.contains(":")) {
            return value;
        }
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    private static String number(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    private static String name(String path) {
        String file = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        return file.endsWith(".safetensors") ? file.substring(0, file.length() - ".safetensors".length()) : file;
    }

    private static String schedule(@Nullable String sigmas) {
        if (sigmas == null || sigmas.equals("plain")) {
            return "Automatic";
        }
        return Character.toUpperCase(sigmas.charAt(0)) + sigmas.substring(1);
    }

    /** The name under which that program's users know a sampler. */
    private static String display(String key) {
        return SamplerKind.of(key).displayName();
    }
}
