package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pictures of one prompt, made together; each has a seed of its own and does not depend on the others.
 *
 * @param prompt the words
 * @param negativePrompt the words to stay away from; empty for none
 * @param seeds one a picture
 * @param width in pixels
 * @param height in pixels
 * @param sampling how
 * @param start the picture to start from; null starts from noise
 * @param hires a second, larger pass; null for none
 */
public record ImageRequest(
        String prompt,
        String negativePrompt,
        List<Long> seeds,
        int width,
        int height,
        SamplingSettings sampling,
        @Nullable StartingPicture start,
        @Nullable HiresSettings hires) {

    public ImageRequest {
        seeds = List.copyOf(seeds);
        if (seeds.isEmpty()) {
            throw new IllegalArgumentException("a request needs at least one seed");
        }
        if (width < 1 || height < 1) {
            throw new WrongCommandException("width and height must be positive, got " + width + "x" + height);
        }
        if (hires != null && start != null && start.mask() != null) {
            throw new WrongCommandException("hires_scale does not go with mask; paint first, then enlarge");
        }
    }

    /** The same request for its first {@code count} seeds. */
    public ImageRequest first(int count) {
        return count >= seeds.size()
                ? this
                : new ImageRequest(
                        prompt, negativePrompt, seeds.subList(0, count), width, height, sampling, start, hires);
    }
}
