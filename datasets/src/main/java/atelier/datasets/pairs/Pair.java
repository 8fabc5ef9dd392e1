package atelier.datasets.pairs;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image with its captions, and what is known of who made it and under which terms.
 *
 * @param image the image's path, resolved against the images' folder; inside a tar archive {@code shard.tar/0012.jpg}
 * @param captions the main caption first, alternatives after it; never empty, though a caption may be empty text
 * @param creator who made the image, or null when unknown
 * @param licence the SPDX identifier of its licence, or null when unknown
 * @param source the URL that it came from, or null when unknown
 * @param weight the factor of this example's loss, 1 when nothing is said
 * @param repeats how often an epoch shows the image, 1 when nothing is said
 * @param extra further columns, name to value
 * @param origin the file and line that named the pair
 * @param content where the encoded bytes lie
 * @param set what the set that it belongs to says of captions and images
 */
public record Pair(
        Path image,
        List<String> captions,
        @Nullable String creator,
        @Nullable String licence,
        @Nullable String source,
        double weight,
        int repeats,
        Map<String, String> extra,
        Origin origin,
        ImageBytes content,
        SetSettings set) {
    private static final String PRIOR = "prior";

    public Pair {
        captions = List.copyOf(captions);
        extra = Map.copyOf(extra);
        if (captions.isEmpty()) {
            throw new IllegalArgumentException(
                    origin + ": '" + image + "' has no caption; give it one, or an empty one");
        }
        if (!(weight >= 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException(origin + ": weight must be a number from 0 on, got " + weight);
        }
        if (repeats < 0) {
            throw new IllegalArgumentException(origin + ": repeats must be at least 0, got " + repeats);
        }
    }

    /** A pair that belongs to no set of its own. */
    public Pair(
            Path image,
            List<String> captions,
            @Nullable String creator,
            @Nullable String licence,
            @Nullable String source,
            double weight,
            int repeats,
            Map<String, String> extra,
            Origin origin,
            ImageBytes content) {
        this(image, captions, creator, licence, source, weight, repeats, extra, origin, content, SetSettings.NONE);
    }

    /** An image file with one caption and nothing else known. */
    public static Pair of(Path image, String caption, Origin origin) {
        return new Pair(image, List.of(caption), null, null, null, 1, 1, Map.of(), origin, ImageBytes.of(image));
    }

    /**
     * The same image as one of the class that the model is to keep as it is (prior preservation): its loss counts by
     * objective.prior_loss_weight, and it gets no trigger word.
     *
     * @param times how often an epoch shows it
     */
    public Pair asPrior(int times) {
        Map<String, String> more = new LinkedHashMap<>(extra);
        more.put(PRIOR, "true");
        return new Pair(image, captions, creator, licence, source, weight, times, more, origin, content, set);
    }

    /** The same with nothing drawn about captions and mirroring: for images that are held out. */
    public Pair still() {
        return set.equals(SetSettings.NONE) ? this : within(set.still());
    }

    /** The same pair as one of a set that says these things. */
    public Pair within(SetSettings said) {
        return new Pair(image, captions, creator, licence, source, weight, repeats, extra, origin, content, said);
    }

    /** Whether it is there for prior preservation: {@link #asPrior}, or a column "prior" that says true. */
    public boolean isPrior() {
        return column(PRIOR).equalsIgnoreCase("true");
    }

    /** A further column's text, whatever the letter case of its name; empty where there is none. */
    public String column(String name) {
        for (Map.Entry<String, String> entry : extra.entrySet()) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                return entry.getValue().strip();
            }
        }
        return "";
    }

    /** The main caption. */
    public String caption() {
        return captions.get(0);
    }
}
