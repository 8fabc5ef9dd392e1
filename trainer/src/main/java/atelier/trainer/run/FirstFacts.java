package atelier.trainer.run;

import atelier.datasets.batch.DataSettings;
import atelier.trainer.folder.RunFingerprint;
import atelier.trainer.loop.TrainSettings;
import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Facts as states of the first schema have them. A group of settings was one text there,
 * {@code OptimizerSettings[name=ADAMW, lr=1.0E-4, ...]}, with the paths taken out of it; it is taken apart by the names of
 * today's components, so that a difference can be told by its key.
 */
final class FirstFacts implements RunFingerprint.FirstSchema {
    private static final Pattern VALIDATION =
            Pattern.compile("every (\\d+), (\\d+) timesteps, seed (-?\\d+), patience (\\d+)");
    private static final List<String> VALIDATION_KEYS =
            List.of("validation.every", "validation.timesteps", "validation.seed", "validation.patience");
    /** Names of components and facts that were called otherwise. */
    private static final Map<String, String> THEN = Map.of(
            "objective.prediction_type", "prediction",
            "adapter.init_from", "adapter.start",
            "train.full_finetune", "train.full_unet");
    /** Its place was taken by a digest. */
    private static final Set<String> WITHOUT = Set.of("adapter.init_from");

    private final TrainingSettings settings;
    private final Map<String, String> digests;

    FirstFacts(TrainingSettings settings, Map<String, String> digests) {
        this.settings = settings;
        this.digests = digests;
    }

    @Override
    public Map<String, String> now() {
        Map<String, String> facts = new LinkedHashMap<>(digests);
        if (settings.validation().enabled()) {
            List<Object> values = List.of(
                    settings.validation().every(),
                    settings.validation().timesteps(),
                    settings.validation().seed(),
                    settings.validation().patience());
            for (int i = 0; i < values.size(); i++) {
                facts.put(VALIDATION_KEYS.get(i), values.get(i).toString());
            }
        }
        facts.put("model.dtype", settings.model().dtype().toString());
        settings.groups()
                .forEach((group, record) -> SettingsFacts.each(
                        group, record, WITHOUT, (key, value) -> facts.put(key, withoutPaths(group, value))));
        facts.putAll(train(settings.train()));
        return facts;
    }

    private static Map<String, String> train(TrainSettings train) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("train.steps", Integer.toString(train.steps()));
        facts.put("train.cache_dtype", train.cacheDtype() == null ? "" : String.valueOf(train.cacheDtype()));
        facts.put("train.full_finetune", Boolean.toString(train.fullFinetune()));
        facts.put("train.batch_size", Integer.toString(train.batchSize()));
        facts.put("train.gradient_accumulation", Integer.toString(train.gradientAccumulation()));
        facts.put("train.devices", Integer.toString(1 + train.devices().size()));
        facts.put("train.seed", Long.toString(train.seed()));
        facts.put("train.max_grad_norm", Double.toString(train.maxGradNorm()));
        return facts;
    }

    /** Paths were taken out wherever their text stood in the group. */
    private String withoutPaths(String group, @Nullable Object value) {
        String text = String.valueOf(value);
        if (!group.equals("data")) {
            return text;
        }
        DataSettings data = settings.data();
        for (Path path :
                Arrays.asList(data.pairs(), data.images(), data.masks(), data.priorPairs(), data.priorImages())) {
            if (path != null && !path.toString().isEmpty()) {
                text = text.replace(path.toString(), "");
            }
        }
        return text;
    }

    @Override
    public Map<String, String> saved(JsonNode then) {
        Map<String, String> facts = new LinkedHashMap<>();
        for (String key : now().keySet()) {
            JsonNode value = then.path(THEN.getOrDefault(key, key));
            if (value.isValueNode()) {
                facts.put(key, value.asText());
            }
        }
        Matcher validation = VALIDATION.matcher(then.path("validation").asText());
        if (validation.matches()) {
            for (int i = 0; i < VALIDATION_KEYS.size(); i++) {
                facts.put(VALIDATION_KEYS.get(i), Objects.requireNonNull(validation.group(i + 1)));
            }
        }
        settings.groups()
                .forEach((group, record) ->
                        takeApart(group, record.getClass(), then.path(group).asText(), facts));
        return facts;
    }

    @Override
    public String shown(String value) {
        if (value.matches("-?\\d+\\.\\d+(E-?\\d+)?")) {
            return SettingsFacts.text(Double.valueOf(value));
        }
        return value.matches("[A-Z][A-Z0-9_]*") ? value.toLowerCase(Locale.ROOT) : value;
    }

    /** Each component's text stands between its own name and the next one's. */
    private static void takeApart(String prefix, Class<?> record, String text, Map<String, String> facts) {
        RecordComponent[] components = record.getRecordComponents();
        int from = text.indexOf('[') + 1;
        for (int i = 0; i < components.length; i++) {
            String name = name(prefix, components[i]);
            if (!text.startsWith(name, from)) {
                continue;
            }
            int start = from + name.length();
            int end = text.lastIndexOf(']');
            int next = end;
            for (int j = i + 1; j < components.length && next == end; j++) {
                int found = text.indexOf(", " + name(prefix, components[j]), start);
                next = found < 0 ? end : found;
            }
            String value = text.substring(start, next);
            if (next == end && i < components.length - 1) {
                // What came after it was taken out.
                value = value.replaceFirst(", $", "");
            }
            String key = SettingsFacts.key(prefix, components[i].getName());
            if (components[i].getType().isRecord()) {
                takeApart(key, components[i].getType(), value, facts);
            } else if (!WITHOUT.contains(key)) {
                facts.put(key, value);
            }
            from = next == end ? end : next + 2;
        }
    }

    private static String name(String prefix, RecordComponent component) {
        String key = SettingsFacts.key(prefix, component.getName());
        return (key.startsWith("objective.") ? THEN.getOrDefault(key, component.getName()) : component.getName()) + "=";
    }
}
