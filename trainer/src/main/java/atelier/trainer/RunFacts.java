package atelier.trainer;

import atelier.datasets.Pair;
import atelier.datasets.consent.Ledger;
import atelier.datasets.hash.Sha256;
import atelier.diffusion.adapter.AdapterSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a run's result depends on, in words short enough to compare: saved with each state, checked on resume. */
final class RunFacts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode facts;

    private RunFacts(ObjectNode facts) {
        this.facts = facts;
    }

    /**
     * Gathers the facts.
     *
     * @param baseDigest digest of the base model's weights
     * @param startDigest digest of the adapter file that the run starts from; empty for none
     */
    static RunFacts of(TrainingSettings settings, Ledger ledger, String baseDigest, String startDigest) {
        ObjectNode facts = JSON.createObjectNode();
        facts.put("model", baseDigest);
        facts.put("pictures", pictures(ledger));
        facts.put("model.dtype", settings.model().dtype().toString());
        facts.put("data", withoutPaths(settings));
        facts.put("adapter", withoutStart(settings.adapter()));
        facts.put("adapter.start", startDigest);
        facts.put("optimizer", settings.optimizer().toString());
        facts.put("schedule", settings.schedule().toString());
        facts.put("objective", settings.objective().toString());
        facts.put("train.steps", settings.train().steps());
        facts.put("train.full_unet", settings.train().fullUnet());
        facts.put("train.batch_size", settings.train().batchSize());
        facts.put("train.gradient_accumulation", settings.train().gradientAccumulation());
        facts.put("train.seed", settings.train().seed());
        facts.put("train.max_grad_norm", settings.train().maxGradNorm());
        return new RunFacts(facts);
    }

    /** Where the files lie does not matter to the result: the pictures' own digest stands for them. */
    private static String withoutPaths(TrainingSettings settings) {
        String data = settings.data().toString();
        return data.replace(settings.data().pairs().toString(), "")
                .replace(settings.data().images().toString(), "");
    }

    /** The file's digest stands for it. */
    private static String withoutStart(AdapterSettings adapter) {
        return adapter.toString().replace("start=" + adapter.start(), "");
    }

    private static String pictures(Ledger ledger) {
        StringBuilder all = new StringBuilder();
        Map<java.nio.file.Path, String> digests = new java.util.HashMap<>();
        ledger.verdicts().forEach(verdict -> digests.put(verdict.image(), String.valueOf(verdict.sha256())));
        for (Pair pair : ledger.included()) {
            all.append(digests.get(pair.image()))
                    .append(' ')
                    .append(pair.captions())
                    .append('\n');
        }
        return Sha256.of(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The facts with the optimiser's numbers, as saved. */
    ObjectNode saved(Map<String, Double> optimizerNumbers) {
        ObjectNode saved = JSON.createObjectNode();
        saved.set("facts", facts);
        ObjectNode values = saved.putObject("optimizer");
        optimizerNumbers.forEach(values::put);
        return saved;
    }

    /** The optimiser's numbers of a saved state. */
    static Map<String, Double> optimizerNumbers(JsonNode saved) {
        Map<String, Double> numbers = new java.util.LinkedHashMap<>();
        saved.path("optimizer")
                .fields()
                .forEachRemaining(
                        entry -> numbers.put(entry.getKey(), entry.getValue().asDouble()));
        return numbers;
    }

    /** What differs between these facts and those that a state was saved with; empty when nothing does. */
    List<String> differences(JsonNode saved) {
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
