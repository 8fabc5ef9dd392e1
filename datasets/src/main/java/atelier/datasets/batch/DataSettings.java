package atelier.datasets.batch;

import static atelier.common.error.Checks.check;

import atelier.common.file.TextFile;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.pairs.TextForm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code data} of the configuration: which pairs, and how they become examples.
 *
 * @param pairs a .csv, .tsv, .jsonl, .parquet or .tar file, or a folder
 * @param images the folder that relative image paths start from
 * @param resolution the side of the square, or of the square whose area buckets keep, in pixels
 * @param buckets whether pictures keep their proportions, each in the bucket nearest to them
 * @param bucketMin the shortest side of a bucket
 * @param bucketMax the longest side of a bucket
 * @param bucketStep what a bucket's sides are multiples of
 * @param bucketUpscale whether pictures smaller than their bucket are enlarged
 * @param crop which part is used of a picture whose proportions differ
 * @param flip the probability with which left and right are exchanged
 * @param repeats how often an epoch shows every pair, on top of the pair's own repeats
 * @param alphaColour what lies under transparent pixels, as #rrggbb
 * @param maxPixels an image with more pixels is refused before it is decoded
 * @param onError what a broken image does
 * @param prefetch how many batches are prepared ahead
 * @param captionPrefix put before each caption
 * @param captionSuffix put after each caption
 * @param triggerWord put first unless the caption has it
 * @param captionAlternatives which caption is used when an image has several
 * @param shuffleTags whether tags are put into a new order each epoch
 * @param keepTags how many tags at the start stay in place
 * @param tagSeparator what stands between tags
 * @param tagDropout the probability with which a tag is left out
 * @param captionDropout the probability with which the caption becomes empty
 * @param maxTokenLength how many tokens of a caption are encoded, a multiple of 75: what is longer is cut
 * @param mask where a picture's mask comes from
 * @param masks the folder of mask files; null for the column "mask" of the pairs
 * @param priorPairs pictures of the class that the model is to keep as it is, in any form of pairs; null for none
 * @param priorImages the folder that their relative image paths start from; null for their own
 * @param encoding the charset of captions and tables that have no byte order mark
 * @param captionLines what the lines of a caption file are
 * @param caption the caption of every image that has none; null where such an image is an error
 */
public record DataSettings(
        Path pairs,
        Path images,
        int resolution,
        boolean buckets,
        int bucketMin,
        int bucketMax,
        int bucketStep,
        boolean bucketUpscale,
        Crop crop,
        double flip,
        int repeats,
        String alphaColour,
        long maxPixels,
        OnError onError,
        int prefetch,
        String captionPrefix,
        String captionSuffix,
        String triggerWord,
        Alternatives captionAlternatives,
        boolean shuffleTags,
        int keepTags,
        String tagSeparator,
        double tagDropout,
        double captionDropout,
        int maxTokenLength,
        MaskSource mask,
        @Nullable Path masks,
        @Nullable Path priorPairs,
        @Nullable Path priorImages,
        String encoding,
        TextForm.CaptionLines captionLines,
        @Nullable String caption) {

    private static final Pattern COLOUR = Pattern.compile("#[0-9a-fA-F]{6}");

    public DataSettings {
        // A table's relative paths start from its folder; the same value serves both where pairs are a folder.
        images = images.equals(pairs) && Files.isRegularFile(pairs)
                ? Objects.requireNonNullElse(pairs.getParent(), Path.of(""))
                : images;
        check(resolution >= 8, "data.resolution must be at least 8, got %s", resolution);
        check(bucketStep >= 1, "data.bucket_step must be at least 1, got %s", bucketStep);
        check(
                bucketMin >= bucketStep && bucketMin % bucketStep == 0,
                "data.bucket_min must be a multiple of data.bucket_step = %s, got %s",
                bucketStep,
                bucketMin);
        check(
                bucketMax >= bucketMin && bucketMax % bucketStep == 0,
                "data.bucket_max must be a multiple of data.bucket_step = %s and at least data.bucket_min, got %s",
                bucketStep,
                bucketMax);
        check(
                !buckets || resolution >= bucketStep,
                "data.resolution must be at least data.bucket_step = %s, got %s",
                bucketStep,
                resolution);
        check(flip >= 0 && flip <= 1, "data.flip must lie between 0 and 1, got %s", flip);
        check(repeats >= 1, "data.repeats must be at least 1, got %s", repeats);
        check(
                COLOUR.matcher(alphaColour).matches(),
                "data.alpha_colour must be a colour such as \"#ffffff\", got '%s'",
                alphaColour);
        check(
                maxTokenLength >= CaptionTools.WINDOW && maxTokenLength % CaptionTools.WINDOW == 0,
                "data.max_token_length must be a multiple of 75, got %s",
                maxTokenLength);
        check(
                masks == null || mask == MaskSource.FILE,
                "data.masks is a folder of mask files: set data.mask = file, or leave data.masks null; got data.mask = %s",
                mask.name().toLowerCase(Locale.ROOT));
        check(
                priorImages == null || priorPairs != null,
                "data.prior_images belongs to data.prior_pairs, which is null; got %s",
                priorImages);
        check(prefetch >= 0, "data.prefetch must be at least 0, got %s", prefetch);
        TextFile.charset("data.encoding", encoding);
        new DecodeSettings(maxPixels, 0);
        new CaptionSettings(
                captionPrefix,
                captionSuffix,
                triggerWord,
                captionAlternatives,
                shuffleTags,
                keepTags,
                tagSeparator,
                tagDropout,
                captionDropout);
    }

    /** The sizes that pictures are brought to. */
    public Buckets bucketSizes() {
        return buckets
                ? Buckets.aspects(resolution, bucketMin, bucketMax, bucketStep, bucketUpscale)
                : Buckets.square(resolution);
    }

    public CaptionSettings captions() {
        return new CaptionSettings(
                captionPrefix,
                captionSuffix,
                triggerWord,
                captionAlternatives,
                shuffleTags,
                keepTags,
                tagSeparator,
                tagDropout,
                captionDropout);
    }

    /** Windows of 75 tokens that a caption gets in the text encoder. */
    public int captionWindows() {
        return maxTokenLength / CaptionTools.WINDOW;
    }

    /**
     * The same sizes and texts with nothing drawn: no flips, no random crops, no dropout, one caption; for pictures that are
     * held out.
     */
    public DataSettings still() {
        return still(0);
    }

    /** The same with left and right exchanged with a probability of 0 or 1. */
    public DataSettings still(double mirrored) {
        return new DataSettings(
                pairs,
                images,
                resolution,
                buckets,
                bucketMin,
                bucketMax,
                bucketStep,
                bucketUpscale,
                Crop.CENTRE,
                mirrored,
                1,
                alphaColour,
                maxPixels,
                onError,
                prefetch,
                captionPrefix,
                captionSuffix,
                triggerWord,
                Alternatives.FIRST,
                false,
                keepTags,
                tagSeparator,
                0,
                0,
                maxTokenLength,
                MaskSource.NONE,
                null,
                null,
                null,
                encoding,
                captionLines,
                caption);
    }

    /** How captions and tables are read. */
    public TextForm texts() {
        return new TextForm(TextFile.charset("data.encoding", encoding), captionLines, caption);
    }

    public DecodeSettings decoding() {
        return new DecodeSettings(maxPixels, Integer.parseInt(alphaColour.substring(1), 16));
    }
}
