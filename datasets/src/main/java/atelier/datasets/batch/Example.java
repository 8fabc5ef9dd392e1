package atelier.datasets.batch;

import atelier.datasets.pairs.Pair;
import org.jspecify.annotations.Nullable;

/**
 * One example of a batch.
 *
 * @param index the pair's index in the list that the batches are made from
 * @param epoch from 0
 * @param pair image, creator, licence, weight
 * @param caption the caption of this time, empty when it was dropped
 * @param placement how the picture was resized, cropped and mirrored
 * @param pixels red, green and blue planes, rows from the top, from -1 to 1: 3 x height x width of the placement's
 *     bucket; null when nobody needed them. Belongs to the batch.
 */
@SuppressWarnings("ArrayRecordComponent") // pixels are shared, never compared
public record Example(
        int index, long epoch, Pair pair, String caption, Placement placement, float @Nullable [] pixels) {

    public int width() {
        return placement.bucket().width();
    }

    public int height() {
        return placement.bucket().height();
    }

    /** The planes, which the batch was told to decode. */
    public float[] requirePixels() {
        float[] planes = pixels;
        if (planes == null) {
            throw new IllegalStateException(
                    "'" + pair.image() + "' was not decoded: its latents were said to be known");
        }
        return planes;
    }
}
