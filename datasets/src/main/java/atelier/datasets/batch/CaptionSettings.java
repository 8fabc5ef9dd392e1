package atelier.datasets.batch;

import static java.util.Objects.requireNonNullElse;

import atelier.common.error.WrongCommandException;
import atelier.datasets.pairs.SetSettings;
import java.util.List;

/**
 * What is done to captions before they are encoded.
 *
 * @param prefix data.caption_prefix: put before each caption
 * @param suffix data.caption_suffix: put after each caption
 * @param triggerWord data.trigger_word: put first unless the caption already has it as a word of its own
 * @param alternatives data.caption_alternatives: which caption is used when an image has several
 * @param shuffleTags data.shuffle_tags: whether tags are put into a new order each epoch
 * @param keepTags data.keep_tags: how many tags at the start stay in place and are never dropped
 * @param tagSeparator data.tag_separator: what stands between tags
 * @param tagDropout data.tag_dropout: the probability with which a tag is left out, 0 to 1
 * @param dropout data.caption_dropout: the probability with which the whole caption becomes empty, 0 to 1
 */
public record CaptionSettings(
        String prefix,
        String suffix,
        String triggerWord,
        Alternatives alternatives,
        boolean shuffleTags,
        int keepTags,
        String tagSeparator,
        double tagDropout,
        double dropout) {
    public CaptionSettings {
        if (keepTags < 0) {
            throw new WrongCommandException("data.keep_tags must be at least 0, got " + keepTags);
        }
        if (tagSeparator.isBlank()) {
            throw new WrongCommandException("data.tag_separator must not be blank, got '" + tagSeparator + "'");
        }
        if (!(tagDropout >= 0 && tagDropout <= 1)) {
            throw new WrongCommandException("data.tag_dropout must lie between 0 and 1, got " + tagDropout);
        }
        if (!(dropout >= 0 && dropout <= 1)) {
            throw new WrongCommandException("data.caption_dropout must lie between 0 and 1, got " + dropout);
        }
    }

    /** These settings with what the set of a pair says in their place. */
    public CaptionSettings with(SetSettings set) {
        if (set.equals(SetSettings.NONE)) {
            return this;
        }
        Boolean random = set.randomCaption();
        Alternatives drawn = random == null ? alternatives : random ? Alternatives.RANDOM : Alternatives.FIRST;
        return new CaptionSettings(
                requireNonNullElse(set.captionPrefix(), prefix),
                requireNonNullElse(set.captionSuffix(), suffix),
                requireNonNullElse(set.triggerWord(), triggerWord),
                drawn,
                requireNonNullElse(set.shuffleTags(), shuffleTags),
                requireNonNullElse(set.keepTags(), keepTags),
                requireNonNullElse(set.tagSeparator(), tagSeparator),
                requireNonNullElse(set.tagDropout(), tagDropout),
                requireNonNullElse(set.captionDropout(), dropout));
    }

    /** The texts that captions get besides. */
    public List<String> added() {
        return List.of(prefix, suffix, triggerWord);
    }

    /** Captions as they are. */
    public static CaptionSettings plain() {
        return new CaptionSettings("", "", "", Alternatives.FIRST, false, 0, ",", 0, 0);
    }
}
