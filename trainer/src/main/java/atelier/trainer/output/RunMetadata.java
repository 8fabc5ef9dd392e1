package atelier.trainer.output;

import atelier.common.file.Sha256;
import atelier.datasets.batch.Bucket;
import atelier.datasets.batch.Crop;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.EpochOrder;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.adapter.file.AdapterMetadata;
import atelier.diffusion.adapter.file.AdapterMethod;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.noise.PredictionType;
import atelier.diffusion.weights.Checkpoint;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.objective.LossWeighting;
import atelier.trainer.objective.ObjectiveSettings;
import atelier.trainer.prepare.JudgedPairs;
import atelier.trainer.settings.ExportSettings;
import atelier.trainer.settings.TrainSettings;
import atelier.trainer.settings.TrainingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a trained adapter's file says of itself, under the names that kohya's trainer and ModelSpec have for it, and
 * where its pictures are accounted for. A function of settings and data alone: no clock, no path, so that the same
 * command gives the same file.
 */
public final class RunMetadata {
    private final TrainingSettings settings;
    private final JudgedPairs pictures;
    private final EpochOrder order;
    private final long steps;

    /**
     * @param order of the steps
     * @param steps that were made
     */
    public RunMetadata(TrainingSettings settings, JudgedPairs pictures, EpochOrder order, long steps) {
        this.settings = settings;
        this.pictures = pictures;
        this.order = order;
        this.steps = steps;
    }

    /**
     * All entries but the hashes, which depend on the tensors.
     *
     * @param state the adapter; null where the UNet's own weights were trained
     * @param run the run's folder, whose credits.md is named by its digest
     * @param thumbnail a small JPEG; null for none
     */
    Map<String, String> of(Checkpoint base, @Nullable AdapterState state, RunFolder run, byte @Nullable [] thumbnail)
            throws IOException {
        int side = settings.data().resolution();
        AdapterMetadata metadata = new AdapterMetadata(base.family(), base.predictsV(), side, side);
        String prediction = base.schedulerConfig().path("prediction_type").asText();
        if (prediction.equals(PredictionType.SAMPLE.key())) {
            metadata.text("modelspec.prediction_type", prediction);
        }
        if (state != null) {
            network(metadata, settings.adapter(), state);
        }
        base(metadata, base);
        training(metadata);
        objective(metadata);
        data(metadata);
        card(metadata, thumbnail);
        if (settings.objective().predictionType() != null
                || settings.objective().zeroTerminalSnr()) {
            metadata.json(AdapterState.SCHEDULER, base.schedulerConfig());
        }
        metadata.text("atelier.ledger_sha256", pictures.ledger().digest());
        metadata.text("atelier.credits_sha256", Sha256.of(run.path().resolve("credits.md")));
        metadata.json("atelier.licences", licences());
        return metadata.buildWithoutPrivate();
    }

    /** An adapter that began as a file's is what that file was, of the largest rank that it has. */
    private static void network(AdapterMetadata metadata, AdapterSettings wanted, AdapterState state) {
        if (wanted.initFrom() == null) {
            metadata.network(wanted.method().name().toLowerCase(Locale.ROOT), wanted.rank(), wanted.alpha());
            return;
        }
        ModuleState widest = Collections.max(state.modules().values(), Comparator.comparingInt(ModuleState::rank));
        boolean lengths = widest.method() == AdapterMethod.LORA && widest.decomposed();
        String method = lengths ? "dora" : widest.method().name().toLowerCase(Locale.ROOT);
        metadata.network(method, widest.rank(), widest.alpha());
    }

    private static void base(AdapterMetadata metadata, Checkpoint base) throws IOException {
        Path source = base.source().toAbsolutePath().normalize();
        metadata.text("ss_sd_model_name", String.valueOf(source.getFileName()));
        ModelHashes.of(source).forEach(metadata::text);
    }

    private void training(AdapterMetadata metadata) {
        if (settings.adapter().textEncoders()) {
            Double own = settings.optimizer().textEncoderLr();
            metadata.figure(
                    "ss_text_encoder_lr", own == null ? settings.optimizer().lr() : own);
        }
        TrainSettings train = settings.train();
        long epochs = (steps + order.stepsPerEpoch() - 1) / Math.max(1, order.stepsPerEpoch());
        metadata.text("ss_output_name", settings.run().name())
                .figure("ss_learning_rate", settings.optimizer().lr())
                .figure("ss_unet_lr", settings.optimizer().lr())
                .figure("ss_max_train_steps", train.steps())
                .figure("ss_steps", steps)
                .figure("ss_epoch", epochs)
                .figure("ss_num_epochs", epochs)
                .figure("ss_num_batches_per_epoch", order.stepsPerEpoch())
                .figure("ss_batch_size_per_device", train.batchSize())
                .figure("ss_total_batch_size", train.picturesPerStep())
                .figure("ss_gradient_accumulation_steps", train.gradientAccumulation())
                .text("ss_gradient_checkpointing", truth(train.gradientCheckpointing()))
                .figure("ss_max_grad_norm", train.maxGradNorm())
                .figure("ss_seed", train.seed())
                .figure("ss_lr_warmup_steps", settings.schedule().warmup())
                .text("ss_lr_scheduler", word(settings.schedule().name()))
                .text("ss_optimizer", word(settings.optimizer().name()))
                .text("ss_mixed_precision", precision())
                .text("ss_full_fp16", "False")
                .text("ss_cache_latents", "True")
                .text("ss_lowram", "False")
                .text("ss_clip_skip", "None")
                .figure("ss_network_dropout", settings.adapter().dropout())
                .text(
                        "ss_scale_weight_norms",
                        settings.adapter().maxNorm() > 0
                                ? Double.toString(settings.adapter().maxNorm())
                                : "None");
    }

    private String precision() {
        return switch (settings.model().dtype()) {
            case FP32 -> "no";
            case FP16 -> "fp16";
            case BF16, INT8 -> "bf16";
        };
    }

    private void objective(AdapterMetadata metadata) {
        ObjectiveSettings objective = settings.objective();
        boolean minSnr = objective.weighting() == LossWeighting.MIN_SNR;
        metadata.text("ss_loss_type", kohyasLoss(objective))
                .text("ss_huber_schedule", word(objective.huberSchedule()))
                .figure("ss_huber_c", objective.huberC())
                .figure("ss_huber_scale", objective.huberScale())
                .text("ss_min_snr_gamma", minSnr ? Double.toString(objective.minSnrGamma()) : "None")
                .text("ss_debiased_estimation", truth(objective.weighting() == LossWeighting.DEBIASED))
                .text("ss_zero_terminal_snr", truth(objective.zeroTerminalSnr()))
                .text("ss_noise_offset", orNone(objective.noiseOffset()))
                .text("ss_ip_noise_gamma", orNone(objective.inputPerturbation()))
                .text("ss_multires_noise_iterations", orNone(objective.multiresNoiseIterations()))
                .figure("ss_multires_noise_discount", objective.multiresNoiseDiscount())
                .figure("ss_prior_loss_weight", objective.priorLossWeight())
                .text("modelspec.timestep_range", objective.minTimestep() + "," + objective.maxTimestep());
    }

    private static String kohyasLoss(ObjectiveSettings objective) {
        return switch (objective.loss()) {
            case MSE -> "l2";
            case HUBER -> "huber";
            case SMOOTH_L1 -> "smooth_l1";
        };
    }

    private void data(AdapterMetadata metadata) {
        DataSettings data = settings.data();
        String name = directory(data.images());
        metadata.figure("ss_num_train_images", order.entries() - priors())
                .figure("ss_num_reg_images", priors())
                .text("ss_enable_bucket", truth(data.buckets()))
                .text("ss_bucket_no_upscale", truth(!data.bucketUpscale()))
                .figure("ss_min_bucket_reso", data.bucketMin())
                .figure("ss_max_bucket_reso", data.bucketMax())
                .text("ss_flip_aug", truth(data.flip() > 0))
                .text("ss_color_aug", "False")
                .text("ss_random_crop", truth(data.crop() == Crop.RANDOM))
                .text("ss_shuffle_caption", truth(data.shuffleTags()))
                .figure("ss_keep_tokens", data.keepTags())
                .figure("ss_caption_dropout_rate", data.captionDropout())
                .figure("ss_caption_tag_dropout_rate", data.tagDropout())
                .json(
                        "ss_dataset_dirs",
                        Map.of(
                                name,
                                Map.of(
                                        "n_repeats",
                                        data.repeats(),
                                        "img_count",
                                        pictures.training().size())))
                .json("ss_reg_dataset_dirs", Map.of())
                .json("ss_tag_frequency", Map.of(name, tags()))
                .json("ss_bucket_info", Map.of("buckets", buckets()));
    }

    /** Showings of prior-preservation pictures in an epoch. */
    private long priors() {
        return pictures.training().stream()
                .filter(Pair::isPrior)
                .mapToLong(pair -> (long) pair.repeats() * settings.data().repeats())
                .sum();
    }

    /** The folder's own name: what lies above it is nobody's business. */
    private static String directory(Path folder) {
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return name == null ? "images" : name.toString();
    }

    /** How often each tag stands in the captions, lower case and between commas, as kohya's trainer counts. */
    private Map<String, Integer> tags() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        pictures.training().forEach(pair -> {
            for (String caption : pair.captions()) {
                for (String tag : caption.split(",")) {
                    if (!tag.isBlank() && !AdapterMetadata.holdsPath(tag.strip())) {
                        counts.merge(tag.strip().toLowerCase(Locale.ROOT), 1, Integer::sum);
                    }
                }
            }
        });
        // A million captions may have as many tags: a tree is soon made of sorted ones.
        String[] tags = counts.keySet().toArray(String[]::new);
        Arrays.parallelSort(tags);
        Map<String, Integer> sorted = new TreeMap<>();
        for (String tag : tags) {
            sorted.put(tag, counts.getOrDefault(tag, 0));
        }
        return sorted;
    }

    private Map<String, Object> buckets() {
        Map<Bucket, Integer> counts = new LinkedHashMap<>();
        for (int entry = 0; entry < order.entries(); entry++) {
            counts.merge(order.bucketOf(entry), 1, Integer::sum);
        }
        Map<String, Object> buckets = new LinkedHashMap<>();
        counts.forEach((bucket, count) -> buckets.put(
                Integer.toString(buckets.size()),
                Map.of("resolution", List.of(bucket.width(), bucket.height()), "count", count)));
        return buckets;
    }

    private Map<String, Integer> licences() {
        Map<String, Integer> licences = new HashMap<>();
        pictures.training()
                .forEach(pair ->
                        licences.merge(pair.licence() == null ? "not stated" : pair.licence(), 1, Integer::sum));
        return new TreeMap<>(licences);
    }

    private void card(AdapterMetadata metadata, byte @Nullable [] thumbnail) {
        ExportSettings export = settings.export();
        metadata.text("modelspec.title", settings.run().name());
        String licence = export.licence() == null
                ? "not stated; its pictures: " + String.join(", ", licences().keySet())
                : export.licence();
        metadata.text("modelspec.license", licence);
        optional(metadata, "modelspec.trigger_phrase", settings.data().triggerWord());
        optional(metadata, "modelspec.author", export.author());
        optional(metadata, "modelspec.description", export.description());
        optional(metadata, "modelspec.tags", String.join(", ", export.tags()));
        optional(metadata, "modelspec.date", export.date());
        if (thumbnail != null) {
            metadata.thumbnail(thumbnail);
        }
    }

    private static void optional(AdapterMetadata metadata, String key, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            metadata.text(key, value);
        }
    }

    private static String orNone(double value) {
        return value == 0 ? "None" : value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    /** As Python writes it, whose readers ask for these words. */
    private static String truth(boolean value) {
        return value ? "True" : "False";
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
