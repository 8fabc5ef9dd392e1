package atelier.inference;

import java.awt.image.BufferedImage;
import org.jspecify.annotations.Nullable;

/**
 * A picture to start from.
 *
 * @param picture RGB; brought to the wanted size
 * @param mask white where it is painted anew, black where it is kept; null paints everything anew
 * @param strength share of the steps that run on it: near 0 keeps it, 1 forgets it
 */
public record StartingPicture(
        BufferedImage picture, @Nullable BufferedImage mask, double strength) {
    public StartingPicture {
        if (!(strength > 0 && strength <= 1)) {
            throw new IllegalArgumentException("strength must be more than 0 and at most 1, got " + strength);
        }
    }
}
