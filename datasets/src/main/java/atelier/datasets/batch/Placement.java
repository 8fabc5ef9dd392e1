package atelier.datasets.batch;

import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;

/**
 * How a picture becomes an example: resized until it covers the bucket, cropped to it, perhaps mirrored.
 *
 * @param originalWidth the picture's own width
 * @param originalHeight the picture's own height
 * @param resizedWidth the width that it is resized to
 * @param resizedHeight the height that it is resized to
 * @param left the crop's left edge in the resized picture
 * @param top the crop's top edge in the resized picture
 * @param bucket the crop's size, and the example's
 * @param flip whether left and right are exchanged afterwards
 */
public record Placement(
        int originalWidth,
        int originalHeight,
        int resizedWidth,
        int resizedHeight,
        int left,
        int top,
        Bucket bucket,
        boolean flip) {

    /** Counts up when the pixels of a placed picture change with the code that resizes it. */
    private static final String VERSION = "lanczos 1 ";

    /** The placement that the draws give; the same draws give the same one. */
    public static Placement of(int width, int height, Bucket bucket, Crop crop, double flip, Draws draws) {
        // One side is met exactly, the other covers: rounding must never leave it a pixel short.
        boolean fitWidth = (long) width * bucket.height() <= (long) height * bucket.width();
        int resizedWidth = fitWidth
                ? bucket.width()
                : Math.max(bucket.width(), (int) Math.round((double) width * bucket.height() / height));
        int resizedHeight = fitWidth
                ? Math.max(bucket.height(), (int) Math.round((double) height * bucket.width() / width))
                : bucket.height();
        int spareX = resizedWidth - bucket.width();
        int spareY = resizedHeight - bucket.height();
        // Always drawn, so that the flip does not depend on the crop setting.
        int left = draws.nextInt(spareX + 1);
        int top = draws.nextInt(spareY + 1);
        boolean mirrored = draws.chance(flip);
        return switch (crop) {
            case CENTRE ->
                new Placement(width, height, resizedWidth, resizedHeight, spareX / 2, spareY / 2, bucket, mirrored);
            case RANDOM -> new Placement(width, height, resizedWidth, resizedHeight, left, top, bucket, mirrored);
        };
    }

    /** The example's picture. */
    public Pixels apply(Pixels picture) {
        Pixels part = Lanczos.resize(picture, resizedWidth, resizedHeight, left, top, bucket.width(), bucket.height());
        return flip ? part.flipped() : part;
    }

    /** Says all that the pixels depend on, for use in a cache's key. */
    public String key() {
        return VERSION + resizedWidth + "x" + resizedHeight + "+" + left + "+" + top + "/" + bucket
                + (flip ? "/flip" : "");
    }
}
