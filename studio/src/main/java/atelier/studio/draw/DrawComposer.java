package atelier.studio.draw;

import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.cli.config.ConfigurationException;
import atelier.cli.config.NearestNames;
import atelier.cli.config.Problem;
import atelier.cli.drawing.PlannedDrawing;
import atelier.common.file.AtomicFile;
import atelier.inference.prompt.PromptTag;
import atelier.inference.request.GenerationPlan.Job;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes the plan of what is asked for, on generate's own settings: what a request does not say is as in
 * {@code configs/generate.conf}. Files stand by name or are sent; no path is taken from a request.
 */
final class DrawComposer {
    /** The keys whose values are taken as they stand. */
    private static final Set<String> PLAIN = Set.of(
            "prompt",
            "negative_prompt",
            "seed",
            "steps",
            "guidance_scale",
            "guidance_rescale",
            "guidance_start",
            "guidance_end",
            "clip_skip",
            "rng",
            "sampler",
            "sigma_schedule",
            "spacing",
            "width",
            "height",
            "strength",
            "hires_scale",
            "hires_strength",
            "count",
            "batch_size",
            "blocks",
            "adapter_strengths",
            "safety",
            "safety_threshold",
            "vae_tile",
            "format",
            "quality",
            "output.metadata",
            "watermark");

    private static final String ADAPTERS = "adapters";
    private static final String FOLDER = "adapters_dir";
    private static final Pattern WEIGHTED = Pattern.compile("(.+):([+-]?(\\d+(\\.\\d*)?|\\.\\d+))");
    private static final Pattern TAG = Pattern.compile("<(lora|lyco):([^:>]+)");

    private final Composer composer;
    private final ModelNames models;
    private final AdapterNames adapters;
    private final Map<List<String>, Composition> composed = new HashMap<>();

    /** @param root the folder that holds {@code configs/} */
    DrawComposer(Path root, ModelNames models, AdapterNames adapters) {
        this.composer = new Composer(new ConfigFolder(root));
        this.models = models;
        this.adapters = adapters;
    }

    /** The keys that a request may set. */
    static List<String> keys() {
        List<String> keys = new ArrayList<>(PLAIN);
        keys.addAll(List.of(ADAPTERS, "init_image", "mask", "from_image"));
        keys.sort(null);
        return keys;
    }

    /**
     * Makes the plan, and writes the pictures that were sent.
     *
     * @param folder the drawing's own
     * @throws atelier.common.error.WrongCommandException naming every key that does not fit
     */
    PlannedDrawing plan(AskedDrawing asked, Path folder) throws IOException {
        String name = asked.model();
        ModelNames.Model model = name == null ? models.own() : models.find("model", name);
        Composition composition = base(models.words(model));
        for (Map.Entry<String, Object> each : values(asked).entrySet()) {
            composition = composition.with(each.getKey(), each.getValue(), "the request's " + each.getKey());
        }
        for (Map.Entry<String, SentPicture> sent : asked.pictures().entrySet()) {
            Path file = folder.resolve(sent.getKey() + "." + sent.getValue().ending());
            AtomicFile.write(file, sent.getValue().bytes());
            composition = composition.with(sent.getKey(), file.toString(), "the request's " + sent.getKey());
        }
        composition = composition.with("out", folder.toString(), "the studio");
        PlannedDrawing planned = withTags(PlannedDrawing.of(composition), asked);
        DrawLimits.require(planned);
        return planned;
    }

    /** With the tags as they were written, too: the names in them are held against the opt-out lists. */
    private static PlannedDrawing withTags(PlannedDrawing planned, AskedDrawing asked) {
        List<String> written = asked.set().values().stream()
                .filter(String.class::isInstance)
                .flatMap(text -> PromptTag.of((String) text).stream())
                .map(PromptTag::text)
                .toList();
        if (written.isEmpty()) {
            return planned;
        }
        List<Job> jobs = planned.plan().jobs().stream()
                .map(job -> {
                    List<String> tags = new ArrayList<>(job.tags());
                    tags.addAll(written);
                    return new Job(
                            job.prompt(),
                            job.negativePrompt(),
                            job.seeds(),
                            job.adapters(),
                            job.strength(),
                            job.place(),
                            job.number(),
                            tags);
                })
                .toList();
        return planned.with(RemainingPlan.of(planned.plan(), jobs));
    }

    private synchronized Composition base(List<String> words) {
        return composed.computeIfAbsent(words, each -> composer.compose("generate", each));
    }

    /** The values of generate's keys, with files in the place of names. */
    private Map<String, Object> values(AskedDrawing asked) {
        List<Problem> problems = new ArrayList<>();
        Map<String, Object> values = new LinkedHashMap<>();
        asked.set().forEach((key, value) -> {
            if (key.equals(ADAPTERS)) {
                values.put(key, files(value));
            } else if (PLAIN.contains(key)) {
                values.put(key, key.endsWith("prompt") && value instanceof String text ? named(key, text) : value);
            } else {
                problems.add(new Problem(
                        "'" + key + "'",
                        "is no key that a request to draw may set",
                        NearestNames.question(key, keys(), "there are " + String.join(", ", keys()))));
            }
        });
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        boolean tags = asked.set().values().stream()
                .anyMatch(value ->
                        value instanceof String text && !PromptTag.of(text).isEmpty());
        if (tags || asked.pictures().containsKey("from_image")) {
            values.put(FOLDER, adapters.folder().toString());
        }
        return values;
    }

    private List<String> files(@Nullable Object value) {
        List<?> list = value instanceof List<?> several ? several : value == null ? List.of() : List.of(value);
        List<String> files = new ArrayList<>();
        for (Object each : list) {
            String text = String.valueOf(each);
            Matcher weighted = WEIGHTED.matcher(text);
            boolean hasWeight = weighted.matches();
            String name = hasWeight ? weighted.group(1) : text;
            String weight = hasWeight ? new BigDecimal(weighted.group(2)).toPlainString() : "1";
            files.add(adapters.find(ADAPTERS, name).file() + ":" + weight);
        }
        return files;
    }

    /** A prompt whose tags say where below the folder of runs each adapter lies. */
    private String named(String key, String prompt) {
        return TAG.matcher(prompt).replaceAll(tag -> {
            Path file = adapters.find(key, tag.group(2).strip()).file();
            String below = adapters.folder().relativize(file).toString().replace('\\', '/');
            String stem = below.replaceAll("\\.safetensors$", "");
            return Matcher.quoteReplacement("<" + tag.group(1) + ":./" + stem);
        });
    }
}
