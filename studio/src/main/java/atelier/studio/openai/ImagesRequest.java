package atelier.studio.openai;

import atelier.cli.config.NearestNames;
import atelier.studio.draw.AskedDrawing;
import atelier.studio.draw.ModelNames;
import atelier.studio.draw.SentPicture;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A request for images by its fields, as text, number, truth or null. */
final class ImagesRequest {
    /** What OpenAI's interface has; seed and the rest are ours, for clients that let further fields through. */
    private static final List<String> FIELDS = List.of(
            "prompt",
            "n",
            "size",
            "model",
            "response_format",
            "output_format",
            "output_compression",
            "quality",
            "style",
            "background",
            "moderation",
            "input_fidelity",
            "stream",
            "partial_images",
            "user",
            "seed",
            "negative_prompt",
            "steps",
            "guidance_scale",
            "sampler",
            "strength");

    /** Values of fields that change nothing here; any other is refused. */
    private static final Map<String, List<String>> NEUTRAL = Map.of(
            "response_format", List.of("b64_json"),
            "quality", List.of("auto", "standard"),
            "style", List.of(),
            "background", List.of("auto", "opaque"),
            "moderation", List.of("auto"),
            "input_fidelity", List.of(),
            "stream", List.of("false"),
            "partial_images", List.of("0"));

    private static final Pattern SIZE = Pattern.compile("(\\d{1,5})x(\\d{1,5})");
    private static final int MOST = 10;
    private static final long SEEDS = 1L << 32;

    private final Map<String, Object> fields;

    /** @throws ImagesFault for a field that is not known, or a value that would change the picture and is not supported */
    ImagesRequest(Map<String, Object> fields) {
        this.fields = fields;
        fields.forEach((name, value) -> {
            if (!FIELDS.contains(name)) {
                throw new ImagesFault(
                        400,
                        name,
                        "unknown_parameter",
                        name + ": there is no such parameter here; "
                                + NearestNames.question(name, FIELDS, "leave it out"));
            }
            List<String> neutral = NEUTRAL.get(name);
            if (neutral != null && !neutral.contains(String.valueOf(value))) {
                throw ImagesFault.wrong(
                        name,
                        name + "=" + value + " is not supported; "
                                + (neutral.isEmpty() ? "leave it out" : "it may be " + String.join(" or ", neutral)));
            }
        });
    }

    /**
     * In generate's own settings.
     *
     * @param pictures those that are started from
     */
    AskedDrawing asked(Map<String, SentPicture> pictures, ModelNames models) {
        Map<String, Object> set = new LinkedHashMap<>();
        String prompt = text("prompt");
        if (prompt == null || prompt.isBlank()) {
            throw new ImagesFault(
                    400, "prompt", "missing_required_parameter", "prompt: it is missing; say what to draw");
        }
        set.put("prompt", prompt);
        Long count = whole("n");
        if (count != null && (count < 1 || count > MOST)) {
            throw ImagesFault.wrong("n", "n: it must be from 1 to " + MOST + ", got " + count);
        }
        set.put("count", count == null ? 1L : count);
        Long seed = whole("seed");
        set.put("seed", seed == null || seed < 0 ? ThreadLocalRandom.current().nextLong(SEEDS) : seed);
        putSize(set);
        for (String name : List.of("negative_prompt", "sampler")) {
            String value = text(name);
            if (value != null) {
                set.put(name, value);
            }
        }
        for (String name : List.of("steps", "guidance_scale", "strength")) {
            Double value = number(name);
            if (value != null) {
                set.put(name, value == Math.rint(value) ? (Object) value.longValue() : value);
            }
        }
        set.put("format", format());
        Long quality = whole("output_compression");
        if (quality != null) {
            set.put("quality", quality);
        }
        return new AskedDrawing("openai", model(models), set, pictures, null);
    }

    /** png, jpeg or webp. */
    String format() {
        String format = text("output_format");
        if (format == null) {
            return "png";
        }
        if (!List.of("png", "jpeg", "webp").contains(format)) {
            throw ImagesFault.wrong("output_format", "output_format: it must be png, jpeg or webp, got " + format);
        }
        return format;
    }

    private @Nullable String model(ModelNames models) {
        String name = text("model");
        if (name == null || name.isBlank()) {
            return null;
        }
        Optional<ModelNames.Model> found = models.lookUp(name);
        if (found.isEmpty()) {
            List<String> names =
                    models.list().stream().map(ModelNames.Model::name).toList();
            throw new ImagesFault(
                    404,
                    "model",
                    "model_not_found",
                    "model: there is no model '" + name + "'; "
                            + NearestNames.question(name, names, "there are " + String.join(", ", names)));
        }
        return found.get().name();
    }

    private void putSize(Map<String, Object> set) {
        String size = text("size");
        if (size == null || size.equals("auto")) {
            return;
        }
        Matcher sides = SIZE.matcher(size);
        if (!sides.matches()) {
            throw ImagesFault.wrong("size", "size: it must be auto or WIDTHxHEIGHT, got " + size);
        }
        set.put("width", Long.parseLong(sides.group(1)));
        set.put("height", Long.parseLong(sides.group(2)));
    }

    private @Nullable String text(String name) {
        Object value = fields.get(name);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw ImagesFault.wrong(name, name + ": it must be text, got " + value);
    }

    private @Nullable Long whole(String name) {
        Double number = number(name);
        if (number == null) {
            return null;
        }
        if (number != Math.rint(number)) {
            throw ImagesFault.wrong(name, name + ": it must be a whole number, got " + number);
        }
        return number.longValue();
    }

    /** A form's fields are all text. */
    private @Nullable Double number(String name) {
        Object value = fields.get(name);
        if (value == null) {
            return null;
        }
        try {
            double number = Double.parseDouble(String.valueOf(value));
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through to the message.
        }
        throw ImagesFault.wrong(name, name + ": it must be a number, got " + value);
    }
}
