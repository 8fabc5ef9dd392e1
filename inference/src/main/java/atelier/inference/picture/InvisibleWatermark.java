package atelier.inference.picture;

import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;

/**
 * The invisible watermark of the first Stable Diffusion release, the text "StableDiffusionV1" by the method dwtDct of the
 * Python package invisible-watermark 0.2.0, whose decoder reads it.
 *
 * <p>The blue-difference channel U goes through one level of Haar's wavelet transform; in every 4x4 block of its
 * approximation the largest coefficient but the first is moved to the quarter (bit 0) or three quarters (bit 1) of its
 * step of 36, and the 136 bits follow each other over the blocks again and again.
 *
 * <p>Pictures of fewer than 256 x 256 pixels cannot carry it, and where a channel is at its end (white, black) its bits are
 * lost; the vote over the blocks makes up for some of that.
 */
public final class InvisibleWatermark {
    private static final byte[] TEXT = "StableDiffusionV1".getBytes(StandardCharsets.UTF_8);
    private static final double STEP = 36;
    /** Of a step: what rounding may move a coefficient by. */
    private static final double MARGIN = 3;

    private static final int BLOCK = 4;
    private static final int LEAST_PIXELS = 256 * 256;
    /** What a change of U by one does to blue and green (OpenCV's YUV). */
    private static final double BLUE_OF_U = 2.032;

    private static final double GREEN_OF_U = -0.395;

    private InvisibleWatermark() {}

    /** Whether a picture of that size can carry the watermark. */
    public static boolean fits(int width, int height) {
        return (long) width * height >= LEAST_PIXELS;
    }

    /** Changes the picture (RGB) such that it carries the watermark; throws IllegalArgumentException if it is too small. */
    public static void embed(BufferedImage picture) {
        if (!fits(picture.getWidth(), picture.getHeight())) {
            throw new IllegalArgumentException("a picture of " + picture.getWidth() + "x" + picture.getHeight()
                    + " cannot carry the watermark, which needs 256x256 pixels");
        }
        int rows = picture.getHeight() / 4 * 2 / BLOCK;
        int columns = picture.getWidth() / 4 * 2 / BLOCK;
        int bit = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                embed(picture, column * BLOCK, row * BLOCK, bit(bit++ % (TEXT.length * 8)));
            }
        }
    }

    /**
     * Moves one coefficient of the block whose first coefficient is (x, y). Where a lowered coefficient would let another
     * one become the largest, which the decoder would then read, it is raised by a step instead.
     */
    private static void embed(BufferedImage picture, int x, int y, boolean bit) {
        int best = 1;
        for (int i = 2; i < BLOCK * BLOCK; i++) {
            if (coefficient(picture, x, y, i) > coefficient(picture, x, y, best)) {
                best = i;
            }
        }
        int left = 2 * (x + best % BLOCK);
        int top = 2 * (y + best / BLOCK);
        int[] before = picture.getRGB(left, top, 2, 2, null, 0, 2);
        double value = coefficient(picture, x, y, best);
        for (int raised = 0; raised <= 1; raised++) {
            picture.setRGB(left, top, 2, 2, before, 0, 2);
            double moved = (Math.floor(value / STEP) + raised + (bit ? 0.75 : 0.25)) * STEP;
            // A coefficient is half the sum of four pixels: each takes half of its change.
            for (int pixel = 0; pixel < 4; pixel++) {
                shift(picture, left + pixel % 2, top + pixel / 2, (moved - value) / 2);
            }
            if (reads(picture, x, y, bit)) {
                return;
            }
        }
    }

    /** Whether the decoder finds the bit in the block, with a margin for its own rounding. */
    private static boolean reads(BufferedImage picture, int x, int y, boolean bit) {
        double largest = 0;
        for (int i = 1; i < BLOCK * BLOCK; i++) {
            largest = Math.max(largest, coefficient(picture, x, y, i));
        }
        double place = largest % STEP - (bit ? STEP / 2 : 0);
        return place > MARGIN && place < STEP / 2 - MARGIN;
    }

    private static double coefficient(BufferedImage picture, int x, int y, int index) {
        return coefficient(picture, x + index % BLOCK, y + index / BLOCK);
    }

    /** Haar's approximation of U over 2x2 pixels, in OpenCV's whole numbers; never negative. */
    private static double coefficient(BufferedImage picture, int x, int y) {
        double sum = 0;
        for (int pixel = 0; pixel < 4; pixel++) {
            sum += blueDifference(picture.getRGB(2 * x + pixel % 2, 2 * y + pixel / 2));
        }
        return sum / 2;
    }

    private static double blueDifference(int rgb) {
        double red = (rgb >> 16) & 0xff;
        double green = (rgb >> 8) & 0xff;
        double blue = rgb & 0xff;
        double luma = 0.299 * red + 0.587 * green + 0.114 * blue;
        return Math.rint(0.492 * (blue - luma) + 128);
    }

    private static void shift(BufferedImage picture, int x, int y, double change) {
        int rgb = picture.getRGB(x, y);
        int green = clamp(((rgb >> 8) & 0xff) + GREEN_OF_U * change);
        int blue = clamp((rgb & 0xff) + BLUE_OF_U * change);
        picture.setRGB(x, y, (rgb & 0xffff0000) | (green << 8) | blue);
    }

    private static int clamp(double value) {
        return (int) Math.max(0, Math.min(255, Math.rint(value)));
    }

    private static boolean bit(int index) {
        return (TEXT[index / 8] >> (7 - index % 8) & 1) == 1;
    }
}
