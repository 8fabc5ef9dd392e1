package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Size, and a picture to start from.
 *
 * @param width in pixels; null takes the picture's or the model's own
 * @param height in pixels; null takes the picture's or the model's own
 * @param initImage picture to start from; null starts from noise
 * @param mask white where {@code image} is painted anew; null paints all of it anew
 * @param strength share of the steps that run on {@code image}
 * @param hiresScale factor of a second, larger pass; null for none
 * @param hiresStrength share of the steps in the second pass
 */
public record SourceSettings(
        @Nullable Integer width,
        @Nullable Integer height,
        @Nullable Path initImage,
        @Nullable Path mask,
        double strength,
        @Nullable Double hiresScale,
        double hiresStrength) {

    public SourceSettings {
        if (mask != null && initImage == null) {
            throw new WrongCommandException("mask needs init_image, the picture that it belongs to");
        }
        if (!(strength > 0 && strength <= 1)) {
            throw new WrongCommandException("strength must be more than 0 and at most 1, got " + strength);
        }
        if (hiresScale != null) {
            // Checks itself.
            new HiresSettings(hiresScale, hiresStrength);
        }
    }

    public @Nullable HiresSettings hires() {
        return hiresScale == null ? null : new HiresSettings(hiresScale, hiresStrength);
    }
}
