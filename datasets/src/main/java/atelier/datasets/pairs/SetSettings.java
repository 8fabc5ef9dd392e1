package atelier.datasets.pairs;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What one of several sets of pairs says of its captions and images, in place of the keys of {@code data}. null: as those
 * keys say.
 *
 * @param captionPrefix in place of data.caption_prefix
 * @param captionSuffix in place of data.caption_suffix
 * @param triggerWord in place of data.trigger_word
 * @param randomCaption whether one of several captions is drawn, in place of data.caption_alternatives
 * @param shuffleTags in place of data.shuffle_tags
 * @param keepTags in place of data.keep_tags
 * @param tagSeparator in place of data.tag_separator
 * @param tagDropout in place of data.tag_dropout
 * @param captionDropout in place of data.caption_dropout
 * @param flip in place of data.flip
 */
public record SetSettings(
        @Nullable String captionPrefix,
        @Nullable String captionSuffix,
        @Nullable String triggerWord,
        @Nullable Boolean randomCaption,
        @Nullable Boolean shuffleTags,
        @Nullable Integer keepTags,
        @Nullable String tagSeparator,
        @Nullable Double tagDropout,
        @Nullable Double captionDropout,
        @Nullable Double flip)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Everything as the keys of {@code data} say. */
    public static final SetSettings NONE = new SetSettings(null, null, null, null, null, null, null, null, null, null);

    /** What it says of texts, with nothing drawn: for images that are held out. */
    public SetSettings still() {
        return new SetSettings(
                captionPrefix, captionSuffix, triggerWord, false, false, keepTags, tagSeparator, 0.0, 0.0, 0.0);
    }
}
