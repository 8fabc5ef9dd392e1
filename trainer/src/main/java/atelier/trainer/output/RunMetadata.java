package atelier.trainer.output;

import atelier.common.file.Sha256;
import atelier.diffusion.adapter.file.AdapterMetadata;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.noise.PredictionType;
import atelier.diffusion.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a trained adapter's file says of itself, under the names that kohya's trainer and ModelSpec have for it, and
 * where its pictures are accounted for. A function of settings and data alone: no clock, no path, so that the same
 * command gives the same file.
 *
 * @param training how it was trained
 * @param objective towards what
 * @param data on which pictures
 * @param card what people are told of it
 * @param credits credits.md of the run, named by its digest
 */
public record RunMetadata(
        TrainingMetadata training, ObjectiveMetadata objective, DataMetadata data, CardMetadata card, Path credits) {
    /**
     * All entries but the hashes, which depend on the tensors.
     *
     * @param state the adapter; null where the UNet's own weights were trained
     * @param steps that were made
     * @param thumbnail a small JPEG; null for none
     */
    Map<String, String> of(Checkpoint base, @Nullable AdapterState state, long steps, byte @Nullable [] thumbnail)
            throws IOException {
        int side = data.resolution();
        AdapterMetadata metadata = new AdapterMetadata(base.family(), base.predictsV(), side, side);
        String prediction = base.schedulerConfig().path("prediction_type").asText();
        if (prediction.equals(PredictionType.SAMPLE.key())) {
            metadata.text("modelspec.prediction_type", prediction);
        }
        Path source = base.source().toAbsolutePath().normalize();
        metadata.text("ss_sd_model_name", String.valueOf(source.getFileName()));
        ModelHashes.of(source).forEach(metadata::text);
        if (state != null) {
            training.network(metadata, state);
        }
        training.write(metadata, steps, data.stepsPerEpoch());
        objective.write(metadata);
        data.write(metadata);
        card.write(metadata, data.licences().keySet(), thumbnail);
        if (objective.changesScheduler()) {
            metadata.json(AdapterState.SCHEDULER, base.schedulerConfig());
        }
        metadata.text("atelier.credits_sha256", Sha256.of(credits));
        return metadata.buildWithoutPrivate();
    }

    /** As Python writes it, whose readers ask for these words. */
    static String truth(boolean value) {
        return value ? "True" : "False";
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
