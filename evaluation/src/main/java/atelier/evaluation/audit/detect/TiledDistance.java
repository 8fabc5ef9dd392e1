package atelier.evaluation.audit.detect;

import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;

/**
 * How far two pictures are apart where they differ most: the maximum over sixteen tiles (four by four) of the root mean
 * square difference of their values in [0, 1]. One large plain area, the same in both, thereby counts for nothing
 * (Carlini et al., "Extracting training data from diffusion models", 2023, section 4.2).
 *
 * <p>The published tiles have 128 of 512 pixels. Pictures larger than that are reduced to it; smaller ones keep their
 * size, since enlarging both adds nothing to the difference.
 */
public final class TiledDistance {
    /** The side that pictures are reduced to. */
    static final int SIDE = 512;
    /** Tiles along a side. */
    static final int TILES = 4;
    /** The published distance up to which a generation is taken for the training picture itself. */
    static final double SAME = 0.15;

    private TiledDistance() {}

    /** Between 0 and 1; the second picture is brought to the first one's size. */
    public static double between(Pixels first, Pixels second) {
        Pixels a = reduced(first);
        Pixels b = Lanczos.resize(second, a.width(), a.height());
        double most = 0;
        for (int row = 0; row < TILES; row++) {
            for (int column = 0; column < TILES; column++) {
                most = Math.max(most, meanSquare(a, b, row, column));
            }
        }
        return Math.sqrt(most) / 255;
    }

    private static Pixels reduced(Pixels picture) {
        int longest = Math.max(picture.width(), picture.height());
        return longest <= SIDE
                ? picture
                : Lanczos.resize(
                        picture,
                        Math.max(TILES, picture.width() * SIDE / longest),
                        Math.max(TILES, picture.height() * SIDE / longest));
    }

    private static double meanSquare(Pixels a, Pixels b, int row, int column) {
        int top = row * a.height() / TILES;
        int bottom = Math.max(top + 1, (row + 1) * a.height() / TILES);
        int left = 3 * (column * a.width() / TILES);
        int right = Math.max(left + 3, 3 * ((column + 1) * a.width() / TILES));
        long sum = 0;
        for (int y = top; y < bottom; y++) {
            int line = 3 * y * a.width();
            for (int i = line + left; i < line + right; i++) {
                int difference = (a.rgb()[i] & 255) - (b.rgb()[i] & 255);
                int square = difference * difference;
                sum += square;
            }
        }
        return sum / (double) ((bottom - top) * (right - left));
    }
}
