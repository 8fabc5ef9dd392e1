package atelier.trainer.prepare;

import atelier.common.file.JsonText;
import atelier.common.file.Sha256;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.tensor.Precision;
import atelier.trainer.settings.TrainingSettings;
import atelier.trainer.state.Checkpointed;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a run's result depends on, in words short enough to compare: saved with each state, checked on resume. */
public final class RunFingerprint {
    private static final ObjectMapper JSON = JsonText.mapper();

    private final ObjectNode facts;

    private RunFingerprint(ObjectNode facts) {
        this.facts = facts;
    }

    /**
     * Gathers the facts.
     *
     * @param baseDigest digest of the base model's weights
     * @param startDigest digest of the adapter file that the run starts from; empty for none
     */
    public static RunFingerprint of(
            TrainingSettings settings, JudgedPairs data, String baseDigest, String startDigest) {
        ObjectNode facts = JSON.createObjectNode();
        facts.put("model", baseDigest);
        facts.put("pictures", pictures(data.training(), data.digests()));
        if (settings.validation().enabled()) {
            facts.put("validation", settings.validation().fact());
            facts.put("validation.pictures", pictures(data.heldOut(), data.digests()));
        }
        facts.put("model.dtype", settings.model().dtype().toString());
        facts.put("data", withoutPaths(settings));
        facts.put("adapter", withoutStart(settings.adapter()));
        facts.put("adapter.start", startDigest);
        facts.put("optimizer", settings.optimizer().toString());
        facts.put("schedule", settings.schedule().toString());
        // As states from before the key was renamed have it.
        facts.put("objective", settings.objective().toString().replace("predictionType=", "prediction="));
        facts.put("train.steps", settings.train().steps());
        // Latents and text states of another precision are other pictures and captions.
        Precision cached = settings.train().cacheDtype();
        facts.put("train.cache_dtype", cached == null ? "" : cached.toString());
        facts.put("train.full_unet", settings.train().fullFinetune());
        facts.put("train.batch_size", settings.train().batchSize());
        facts.put("train.gradient_accumulation", settings.train().gradientAccumulation());
        facts.put("train.devices", 1 + settings.train().devices().size());
        facts.put("train.seed", settings.train().seed());
        facts.put("train.max_grad_norm", settings.train().maxGradNorm());
        return new RunFingerprint(facts);
    }

    /** Where the files lie does not matter to the result: the pictures' own digests stand for them. */
    private static String withoutPaths(TrainingSettings settings) {
        DataSettings data = settings.data();
        String text = data.toString();
        for (Path path :
                Arrays.asList(data.pairs(), data.images(), data.masks(), data.priorPairs(), data.priorImages())) {
            if (path != null && !path.toString().isEmpty()) {
                text = text.replace(path.toString(), "");
            }
        }
        return text;
    }

    /** The file's digest stands for it. */
    private static String withoutStart(AdapterSettings adapter) {
        return adapter.toString().replace("initFrom=" + adapter.initFrom(), "");
    }

    private static String pictures(List<Pair> pairs, Map<Path, String> digests) {
        MessageDigest digest = Sha256.digest();
        for (Pair pair : pairs) {
            String prior = pair.isPrior() ? " prior" : "";
            String line = digests.get(pair.image()) + " " + pair.captions() + prior + "\n";
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The facts with what is remembered, as saved. */
    public ObjectNode saved(List<Checkpointed> checkpointed) {
        ObjectNode saved = JSON.createObjectNode();
        saved.set("facts", facts);
        for (Checkpointed each : checkpointed) {
            ObjectNode values = saved.putObject(each.name());
            // In order of names: the same state is the same bytes.
            new TreeMap<>(each.numbers()).forEach(values::put);
        }
        return saved;
    }

    /** Numbers of a saved state by the name that they were saved under; none where there is no such name. */
    public static Map<String, Double> numbers(JsonNode saved, String name) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        saved.path(name)
                .fields()
                .forEachRemaining(
                        entry -> numbers.put(entry.getKey(), entry.getValue().asDouble()));
        return numbers;
    }

    /** What differs between these facts and those that a state was saved with; empty when nothing does. */
    public List<String> differences(JsonNode saved) {
        List<String> differences = new ArrayList<>();
        facts.fields().forEachRemaining(entry -> {
            String then = saved.path("facts").path(entry.getKey()).asText();
            String now = entry.getValue().asText();
            if (!then.equals(now)) {
                differences.add(entry.getKey() + " was " + then + " and is " + now);
            }
        });
        return differences;
    }
}
