package atelier.trainer.output;

import static atelier.trainer.output.RunMetadata.truth;

import atelier.datasets.batch.Bucket;
import atelier.datasets.batch.Crop;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.EpochOrder;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.adapter.file.AdapterMetadata;
import atelier.trainer.prepare.JudgedPairs;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The pictures that an adapter was trained on.
 *
 * @param order of the steps
 */
public record DataMetadata(DataSettings data, JudgedPairs pictures, EpochOrder order) {
    /** The side of the pictures, in pixels. */
    int resolution() {
        return data.resolution();
    }

    long stepsPerEpoch() {
        return order.stepsPerEpoch();
    }

    void write(AdapterMetadata metadata) {
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
                .json("ss_bucket_info", Map.of("buckets", buckets()))
                .text("atelier.ledger_sha256", pictures.ledger().digest())
                .json("atelier.licences", licences());
    }

    /** Showings of prior-preservation pictures in an epoch. */
    private long priors() {
        return pictures.training().stream()
                .filter(Pair::isPrior)
                .mapToLong(pair -> (long) pair.repeats() * data.repeats())
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

    /** How many pictures have which licence. */
    Map<String, Integer> licences() {
        Map<String, Integer> licences = new HashMap<>();
        pictures.training()
                .forEach(pair ->
                        licences.merge(pair.licence() == null ? "not stated" : pair.licence(), 1, Integer::sum));
        return new TreeMap<>(licences);
    }
}
