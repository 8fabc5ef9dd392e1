package atelier.inference.foreign;

import atelier.common.error.WrongCommandException;
import atelier.inference.sampler.schedule.SamplerKind;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of another program's picture, one by one, in our terms. Each that is not known here is told once, with what
 * is done instead.
 */
public final class ForeignParameters {
    private static final Pattern SIZE = Pattern.compile("\\s*(\\d+)\\s*x\\s*(\\d+)\\s*");
    private static final Pattern HASH = Pattern.compile("([^:,]+):\\s*([0-9a-fA-F]+)");
    private static final Pattern JSON_HASH = Pattern.compile("\"(?:lora|lyco):([^\"]+)\"\\s*:\\s*\"([0-9a-fA-F]+)\"");
    private static final Pattern OWN_ADAPTER = Pattern.compile("(\\S.*?):([-+]?[\\d.]+)(?:\\s+|$)");

    /** Beginnings of keys, the first that fits counts, with what is done where they ask for something. */
    private static final Map<String, String> INSTEAD = instead();

    private final Map<String, String> left;
    private final Consumer<String> notices;

    /** @param notices hears of what is not here */
    public ForeignParameters(ForeignRecord record, Consumer<String> notices) {
        this.left = new LinkedHashMap<>(record.pairs());
        this.notices = notices;
        List.of(
                        "Version",
                        "App",
                        "User",
                        "Parser",
                        "Backend",
                        "Pipeline",
                        "Operations",
                        "Created Date",
                        "Civitai metadata")
                .forEach(left::remove);
    }

    private static Map<String, String> instead() {
        Map<String, String> instead = new LinkedHashMap<>();
        instead.put("Variation seed", "the noise comes from the seed alone");
        instead.put("Seed resize", "the noise is drawn at the picture's own size");
        instead.put("ENSD", "later noise comes from the seed itself");
        instead.put("Hires upscaler", "the picture is enlarged by Lanczos");
        instead.put("Hires", "the second pass is drawn as the first one");
        instead.put("ADetailer", "faces are not drawn a second time");
        instead.put("ControlNet", "no control picture leads the drawing");
        instead.put("Refiner", "one model draws all steps");
        instead.put("refiner", "one model draws all steps");
        instead.put("Token merging", "no tokens are merged");
        instead.put("FreeU", "the UNet's features are left as they are");
        instead.put("Eta", "the sampler's own noise is taken");
        instead.put("eta", "the sampler's own noise is taken");
        instead.put("Sigma", "the sampler's own noise levels are taken");
        instead.put("Schedule", "the sampler's own noise levels are taken");
        instead.put("VAE", "the model's own autoencoder is used");
        instead.put("vae", "the model's own autoencoder is used");
        instead.put("Face restoration", "faces are left as they are drawn");
        instead.put("Tiling", "the borders do not join");
        instead.put("Emphasis", "weights act by the rule Original");
        instead.put("Mask", "nothing is masked");
        instead.put("Inpaint", "nothing is painted over");
        instead.put("styles", "their words are not added");
        instead.put("Styles", "their words are not added");
        instead.put("Template", "the prompt is drawn as it was filled in");
        instead.put("Negative Template", "the prompt is drawn as it was filled in");
        instead.put("sm", "the sampler's own trajectory is taken");
        instead.put("controlnets", "no control picture leads the drawing");
        instead.put("start_at_step", "all steps are drawn");
        return instead;
    }

    private @Nullable String take(String key) {
        String value = left.remove(key);
        return value == null || value.isBlank() ? null : value.strip();
    }

    private void tell(String key, String value, String instead) {
        notices.accept("from_image: " + (value.isEmpty() ? key : key + ": " + value) + " - not known here; " + instead);
    }

    private @Nullable Double number(String key) {
        String value = take(key);
        try {
            return value == null ? null : new BigDecimal(value).doubleValue();
        } catch (NumberFormatException e) {
            throw new WrongCommandException("from_image: the picture's parameters say " + key + ": " + value
                    + ", which is not a number; it was changed, so name prompt and settings instead");
        }
    }

    private @Nullable Integer whole(String key) {
        Double value = number(key);
        return value == null ? null : (int) Math.round(value);
    }

    /** Steps of the schedule; null where the picture does not say. */
    public @Nullable Integer steps() {
        return whole("Steps");
    }

    /** The seed, whose 64 bits may stand for a number without sign; null where the picture does not say. */
    public @Nullable Long seed() {
        String value = take("Seed");
        try {
            return value == null
                    ? null
                    : Long.valueOf(new BigDecimal(value).toBigInteger().longValue());
        } catch (NumberFormatException e) {
            throw new WrongCommandException("from_image: the picture's parameters say Seed: " + value
                    + ", which is not a number; it was changed, so name prompt and settings instead");
        }
    }

    /** Null where the picture does not say. */
    public @Nullable Double guidanceScale() {
        return number("CFG scale");
    }

    /** 0 for none. */
    public double guidanceRescale() {
        Double value = number("CFG Rescale phi");
        return value == null ? 0 : value;
    }

    /** Layers of the text encoder left out at the end; theirs counts the last layer as 1. */
    public int clipSkip() {
        Integer value = whole("Clip skip");
        return value == null ? 0 : Math.max(0, value - 1);
    }

    /** Whether noise is that of PyTorch on the CPU; else it is that of an NVIDIA GPU. */
    public boolean cpuNoise() {
        String value = take("RNG");
        return value != null && value.equalsIgnoreCase("CPU");
    }

    /** Width and height; null where the picture does not say. */
    public int @Nullable [] size() {
        Matcher size = SIZE.matcher(String.valueOf(take("Size")));
        return size.matches() ? new int[] {Integer.parseInt(size.group(1)), Integer.parseInt(size.group(2))} : null;
    }

    /**
     * How noise leaves the picture.
     *
     * @param sampler null where the model's own scheduler was taken
     * @param known whether the sampler is one of ours
     * @param sigmas spacing of noise levels; null for the sampler's own
     */
    public record Sampling(
            @Nullable SamplerKind sampler,
            boolean known,
            @Nullable String sigmas) {}

    /** @param otherwise what is taken for a sampler that is not here, for the message */
    public Sampling sampling(String otherwise) {
        String name = take("Sampler");
        String type = take("Schedule type");
        SamplerNames.Split split = SamplerNames.split(name == null ? "" : name);
        boolean own = split.sampler().equalsIgnoreCase("Default");
        SamplerKind kind = own ? null : SamplerNames.find(split.sampler());
        if (name != null && kind == null && !own) {
            tell("Sampler", name, "sampler=" + otherwise + " is taken instead");
        }
        String schedule = type == null || type.equalsIgnoreCase("Automatic") ? split.schedule() : type;
        String sigmas = schedule == null ? null : SamplerNames.schedule(schedule);
        if (schedule != null && sigmas == null) {
            tell("Schedule type", schedule, "the sampler's own noise levels are taken");
        }
        return new Sampling(kind, kind != null || own, sigmas);
    }

    /**
     * The second pass.
     *
     * @param scale null for none
     * @param strength share of the steps in it; null where the picture does not say
     */
    public record SecondPass(
            @Nullable Double scale, @Nullable Double strength) {}

    /** @param size of the first pass; null where it is not known */
    public SecondPass secondPass(int @Nullable [] size) {
        Double scale = number("Hires upscale");
        Matcher target = SIZE.matcher(left.getOrDefault("Hires resize", ""));
        if (scale == null && size != null && target.matches()) {
            double wide = Double.parseDouble(target.group(1)) / size[0];
            if (Math.abs(wide - Double.parseDouble(target.group(2)) / size[1]) < 0.01) {
                left.remove("Hires resize");
                scale = wide;
            }
        }
        if (scale == null || scale <= 1) {
            return new SecondPass(null, null);
        }
        return new SecondPass(scale, number("Denoising strength"));
    }

    /** Share of the steps that ran on another picture; null where it started from noise. */
    public @Nullable Double strength() {
        return number("Denoising strength");
    }

    /**
     * The model.
     *
     * @param name null where the picture does not say
     * @param hash null where the picture does not say
     */
    public record Model(@Nullable String name, @Nullable String hash) {}

    public Model model() {
        String name = take("Model");
        String fooocus = take("Base model");
        String hash = take("Model hash");
        String fooocusHash = take("Base model hash");
        return new Model(name == null ? fooocus : name, hash == null ? fooocusHash : hash);
    }

    /** Digests, cut short, by the names of the adapters. */
    public Map<String, String> adapterHashes() {
        Map<String, String> hashes = new LinkedHashMap<>();
        Matcher json = JSON_HASH.matcher(String.valueOf(take("Hashes")));
        while (json.find()) {
            hashes.put(json.group(1), json.group(2).toLowerCase(Locale.ROOT));
        }
        Matcher plain = HASH.matcher(String.valueOf(take("Lora hashes")));
        while (plain.find()) {
            hashes.put(plain.group(1).strip(), plain.group(2).toLowerCase(Locale.ROOT));
        }
        return hashes;
    }

    /** Names of the textual inversions. */
    public List<String> embeddings() {
        String named = take("TI");
        String hashed = take("TI hashes");
        String all = (named == null ? "" : named) + "," + (hashed == null ? "" : hashed);
        return Arrays.stream(all.split(","))
                .map(each -> each.replaceAll(":.*", "").strip())
                .filter(each -> !each.isEmpty())
                .distinct()
                .toList();
    }

    /** Adapters that this program names in such texts, as tags for the prompt. */
    public String ownAdapters() {
        StringBuilder tags = new StringBuilder();
        Matcher adapter = OWN_ADAPTER.matcher(String.valueOf(take("Adapters")));
        while (adapter.find()) {
            tags.append(" <lora:")
                    .append(adapter.group(1))
                    .append(':')
                    .append(adapter.group(2))
                    .append('>');
        }
        return tags.toString();
    }

    /** Tells all that is left over. */
    public void tellTheRest() {
        left.forEach((key, value) -> {
            if (!asksNothing(key, value)) {
                tell(
                        key,
                        value,
                        INSTEAD.entrySet().stream()
                                .filter(known -> key.startsWith(known.getKey()))
                                .map(Map.Entry::getValue)
                                .findFirst()
                                .orElse("it is left out"));
            }
        });
        left.clear();
    }

    private static boolean asksNothing(String key, String value) {
        boolean standard = key.equals("Emphasis") && value.equals("Original");
        return standard
                || value.matches("(?i)none|false|automatic|default \\(model\\)")
                || (value.matches("0+(\\.0+)?") && !key.equals("Variation seed"))
                || (key.equals("Hires steps") && value.equals("0"));
    }
}
