package atelier.common.image;

import java.util.Arrays;

/**
 * Resizes with an antialiased Lanczos filter of three lobes, bit for bit as Pillow's {@code resize(size, LANCZOS)} does:
 * columns first, 8 bits between the passes, weights as integers of 22 bits.
 *
 * <p>L(x) = sinc(x) sinc(x / 3) for |x| &lt; 3. When the picture shrinks by a factor s the filter widens by s, so an
 * output pixel is the weighted mean of 6 s input pixels a side.
 */
public final class Lanczos {
    private Lanczos() {}

    /** The whole picture at another size. */
    public static Pixels resize(Pixels in, int width, int height) {
        return resize(in, width, height, 0, 0, width, height);
    }

    /**
     * A part of the resized picture, without the work for the rest of it.
     *
     * @param width the width that the whole picture would have
     * @param height the height that the whole picture would have
     * @param left the part's left edge within it
     * @param top the part's top edge within it
     * @param partWidth the part's width
     * @param partHeight the part's height
     */
    public static Pixels resize(Pixels in, int width, int height, int left, int top, int partWidth, int partHeight) {
        if (width < 1 || height < 1 || partWidth < 1 || partHeight < 1) {
            throw new IllegalArgumentException("a picture is at least 1 x 1, got " + width + " x " + height + ", part "
                    + partWidth + " x " + partHeight);
        }
        if (left < 0 || top < 0 || left + partWidth > width || top + partHeight > height) {
            throw new IllegalArgumentException("a part of " + partWidth + " x " + partHeight + " at " + left + ", "
                    + top + " leaves a picture of " + width + " x " + height);
        }
        if (width == in.width() && height == in.height()) {
            return partWidth == width && partHeight == height ? in : in.crop(left, top, partWidth, partHeight);
        }
        LanczosTaps columns = new LanczosTaps(in.width(), width, left, partWidth);
        LanczosTaps rows = new LanczosTaps(in.height(), height, top, partHeight);
        return new Pixels(partWidth, partHeight, rows(in, columns, rows));
    }

    /**
     * Goes down the output's rows and keeps, in a ring, the narrowed input rows that the next output row needs; each input
     * row is narrowed once, many together.
     */
    private static byte[] rows(Pixels in, LanczosTaps columns, LanczosTaps rows) {
        int stride = 3 * columns.count;
        byte[] out = new byte[stride * rows.count];
        NarrowedRows ring = new NarrowedRows(in, columns, rows);
        int[] sums = new int[stride];
        for (int y = 0; y < rows.count; y++) {
            int first = rows.first[y];
            int end = first + rows.taps[y];
            ring.advance(first, end);
            Arrays.fill(sums, LanczosTaps.HALF);
            ring.addRows(sums, first, end, rows.weights, y * rows.widest);
            for (int i = 0, o = y * stride; i < stride; i++, o++) {
                out[o] = (byte) LanczosTaps.clip(sums[i] >> LanczosTaps.BITS);
            }
        }
        return out;
    }
}
