package atelier.trainer.run;

import atelier.common.file.Sha256;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.SetSettings;
import atelier.trainer.folder.RunFingerprint;
import atelier.trainer.listen.ValidationSettings;
import atelier.trainer.loop.TrainSettings;
import atelier.trainer.prepare.JudgedPairs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gathers what a run's result depends on. */
final class RunFacts {
    /**
     * Where files lie and how captions are read does not matter to the result, as digests of pictures and captions stand for
     * them; nor how many batches are made ahead.
     */
    private static final Set<String> WITHOUT = Set.of(
            "data.pairs",
            "data.images",
            "data.masks",
            "data.prior_pairs",
            "data.prior_images",
            "data.prefetch",
            "data.encoding",
            "data.caption_lines",
            "data.caption",
            "adapter.init_from");

    private RunFacts() {}

    /**
     * The run's fingerprint.
     *
     * @param baseDigest digest of the base model's weights
     * @param startDigest digest of the adapter file that the run starts from; empty for none
     */
    static RunFingerprint of(TrainingSettings settings, JudgedPairs data, String baseDigest, String startDigest) {
        Map<String, String> digests = digests(settings, data, baseDigest, startDigest);
        Map<String, String> facts = new LinkedHashMap<>(digests);
        ValidationSettings validation = settings.validation();
        if (validation.enabled()) {
            put(facts, "validation.every", validation.every());
            put(facts, "validation.timesteps", validation.timesteps());
            put(facts, "validation.seed", validation.seed());
            put(facts, "validation.patience", validation.patience());
        }
        put(facts, "model.dtype", settings.model().dtype());
        put(facts, "model.prediction_type", settings.model().predictionType());
        settings.groups()
                .forEach((group, record) ->
                        SettingsFacts.each(group, record, WITHOUT, (key, value) -> put(facts, key, value)));
        TrainSettings train = settings.train();
        put(facts, "train.steps", train.steps());
        // Latents and text states of another precision are other pictures and captions.
        put(facts, "train.cache_dtype", train.cacheDtype());
        put(facts, "train.full_finetune", train.fullFinetune());
        put(facts, "train.batch_size", train.batchSize());
        put(facts, "train.gradient_accumulation", train.gradientAccumulation());
        put(facts, "train.devices", 1 + train.devices().size());
        put(facts, "train.seed", train.seed());
        put(facts, "train.max_grad_norm", train.maxGradNorm());
        return new RunFingerprint(facts, new FirstFacts(settings, digests));
    }

    private static void put(Map<String, String> facts, String key, @Nullable Object value) {
        facts.put(key, SettingsFacts.text(value));
    }

    /** Digests have the same names in every schema but one, which {@link FirstFacts} knows. */
    private static Map<String, String> digests(
            TrainingSettings settings, JudgedPairs data, String baseDigest, String startDigest) {
        Map<String, String> digests = new LinkedHashMap<>();
        digests.put("model", baseDigest);
        digests.put("pictures", pictures(data.training(), data.digests()));
        if (settings.validation().enabled()) {
            digests.put("validation.pictures", pictures(data.heldOut(), data.digests()));
        }
        digests.put("adapter.init_from", startDigest);
        return digests;
    }

    private static String pictures(List<Pair> pairs, Map<Path, String> digests) {
        MessageDigest digest = Sha256.digest();
        for (Pair pair : pairs) {
            String prior = pair.isPrior() ? " prior" : "";
            String line = digests.get(pair.image()) + " " + pair.captions() + prior + weights(pair) + set(pair) + "\n";
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** How often and how much it counts, where that is not once. */
    private static String weights(Pair pair) {
        return pair.repeats() == 1 && pair.weight() == 1 ? "" : " x" + pair.repeats() + " *" + pair.weight();
    }

    private static String set(Pair pair) {
        if (pair.set().equals(SetSettings.NONE)) {
            return "";
        }
        StringBuilder facts = new StringBuilder();
        SettingsFacts.each("set", pair.set(), Set.of(), (key, value) -> {
            if (value != null) {
                facts.append(' ').append(key).append('=').append(SettingsFacts.text(value));
            }
        });
        return facts.toString();
    }
}
