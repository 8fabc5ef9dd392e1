package atelier.inference.picture;

import atelier.common.error.WrongCommandException;
import atelier.inference.sampler.schedule.SamplerKind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text that AUTOMATIC1111's web UI keeps under "parameters" in its PNGs and that galleries read: the prompt, a line
 * for the negative prompt, and a last line of "Key: value" pairs.
 */
public final class ParametersText {
    private static final String NEGATIVE = "Negative prompt: ";
    private static final Pattern PAIR =
            Pattern.compile("\\s*(\\w[\\w \\-/]+):\\s*(\"(?:\\\\.|[^\\\\\"])+\"|[^,]*)(?:,|$)");
    private static final Pattern SIZE = Pattern.compile("(\\d+)x(\\d+)");

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

    /**
     * What such a text says, whoever wrote it. What it does not say is taken from {@code otherwise}.
     *
     * @throws WrongCommandException if the last line has none of the pairs
     */
    public static GenerationParameters read(String text, GenerationParameters otherwise) {
        String[] lines = text.strip().split("\n");
        Map<String, String> pairs = pairs(lines[lines.length - 1]);
        if (!pairs.containsKey("Steps") || !pairs.containsKey("Seed")) {
            throw new WrongCommandException(
                    "the picture's parameters have no 'Steps: ..., Seed: ...' in their last line, so it cannot be"
                            + " made again from them");
        }
        StringBuilder prompt = new StringBuilder();
        StringBuilder negative = new StringBuilder();
        boolean isNegative = false;
        for (int i = 0; i < lines.length - 1; i++) {
            String line = lines[i];
            if (!isNegative && line.startsWith(NEGATIVE.strip())) {
                isNegative = true;
                line = line.substring(NEGATIVE.strip().length()).strip();
            }
            StringBuilder part = isNegative ? negative : prompt;
            part.append(part.isEmpty() ? "" : "\n").append(line);
        }
        Matcher size = SIZE.matcher(pairs.getOrDefault("Size", ""));
        boolean sized = size.matches();
        return new GenerationParameters(
                prompt.toString(),
                negative.toString(),
                Long.parseLong(pairs.get("Seed")),
                Integer.parseInt(pairs.get("Steps")),
                number(pairs, "CFG scale", otherwise.guidanceScale()),
                number(pairs, "CFG Rescale phi", 0),
                0,
                1,
                sampler(pairs.getOrDefault("Sampler", "")).orElse(otherwise.sampler()),
                false,
                sigmas(pairs),
                otherwise.spacing(),
                sized ? Integer.parseInt(size.group(1)) : otherwise.width(),
                sized ? Integer.parseInt(size.group(2)) : otherwise.height(),
                (int) number(pairs, "Clip skip", 1) - 1,
                pairs.getOrDefault("RNG", "").equals("CPU") ? "torch" : "cuda",
                otherwise.model(),
                pairs.get("Model hash"),
                otherwise.dtype(),
                otherwise.adapters(),
                null,
                null,
                null,
                pairs.containsKey("Hires upscale") ? number(pairs, "Hires upscale", 1) : null,
                pairs.containsKey("Hires upscale") ? number(pairs, "Denoising strength", 0.7) : null,
                otherwise.embeddings(),
                otherwise.watermark(),
                null,
                pairs.getOrDefault("Version", ""));
    }

    /** The pairs of a last line; values in quotation marks are unquoted. */
    static Map<String, String> pairs(String line) {
        Map<String, String> pairs = new LinkedHashMap<>();
        Matcher matcher = PAIR.matcher(line);
        while (matcher.find()) {
            String value = matcher.group(2).strip();
            if (value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")) {
                value = value.substring(1, value.length() - 1)
                        .replace("\\n", "\n")
                        .replace("\\\"", "\"")
                        .replace("\\\\", "\\");
            }
            pairs.put(matcher.group(1).strip(), value);
        }
        return pairs;
    }

    private static String quoted(String value) {
        if (!value.contains(",") && !value.contains("\n") && !value.contains(":")) {
            return value;
        }
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    private static double number(Map<String, String> pairs, String key, double otherwise) {
        String value = pairs.get(key);
        try {
            return value == null ? otherwise : Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new WrongCommandException(
                    "the picture's parameters say " + key + ": " + value + ", which is not a number", e);
        }
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

    private static @Nullable String sigmas(Map<String, String> pairs) {
        String type = pairs.getOrDefault("Schedule type", "");
        String sampler = pairs.getOrDefault("Sampler", "");
        for (String known : List.of("Karras", "Exponential", "Beta")) {
            if (type.equals(known) || sampler.endsWith(" " + known)) {
                return known.toLowerCase(Locale.ROOT);
            }
        }
        return null;
    }

    /** The name under which that program's users know a sampler. */
    private static String display(String key) {
        return SamplerKind.of(key).displayName();
    }

    private static Optional<String> sampler(String display) {
        String plain = display.replaceAll(" (Karras|Exponential|Beta)$", "");
        for (SamplerKind kind : SamplerKind.values()) {
            if (kind.displayName().equalsIgnoreCase(plain)) {
                return Optional.of(kind.key());
            }
        }
        return plain.equalsIgnoreCase("PLMS") ? Optional.of(SamplerKind.PNDM.key()) : Optional.empty();
    }
}
