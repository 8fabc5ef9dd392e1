package atelier.trainer.prepare;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which pictures are held out of training.
 *
 * @param pairs pictures of their own, in any form of pairs; null for a share of those that are trained on
 * @param images the folder that their relative image paths start from; null for that of the others
 * @param fraction the share that is held out; 0 for none
 * @param most the most pictures that are looked at
 * @param seed what the choice follows from
 */
public record HeldOutChoice(@Nullable Path pairs, @Nullable Path images, double fraction, int most, long seed) {
    /** Whether anything is held out. */
    public boolean any() {
        return pairs != null || fraction > 0;
    }
}
