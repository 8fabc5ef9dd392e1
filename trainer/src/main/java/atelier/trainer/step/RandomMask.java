package atelier.trainer.step;

import atelier.diffusion.noise.TorchRandom;

/**
 * An inpainting mask at random, as diffusers' example script for DreamBooth on inpainting models draws it: a rectangle or
 * an ellipse, each as often, of any size up to the whole picture, anywhere its centre leaves it inside.
 *
 * @param left first column that it covers; right, top and bottom are meant likewise, and all are inside of it
 */
public record RandomMask(int left, int top, int right, int bottom, boolean ellipse) {
    /** Draws one for a picture of a size. */
    public static RandomMask draw(int width, int height, TorchRandom random) {
        float[] draws = random.uniform(5);
        int halfWidth = whole(draws[0], 0, width) / 2;
        int halfHeight = whole(draws[1], 0, height) / 2;
        int x = whole(draws[2], halfWidth, width - halfWidth);
        int y = whole(draws[3], halfHeight, height - halfHeight);
        return new RandomMask(x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight, draws[4] >= 0.5f);
    }

    /** A whole number from the first to the last, both included. */
    private static int whole(float uniform, int first, int last) {
        return Math.min(last, first + (int) (uniform * (last - first + 1)));
    }

    /** Row-major [height, width]: 1 where it covers a pixel, 0 elsewhere. */
    public float[] pixels(int width, int height) {
        float[] pixels = new float[width * height];
        double centreX = (left + right) / 2.0;
        double centreY = (top + bottom) / 2.0;
        double radiusX = (right - left + 1) / 2.0;
        double radiusY = (bottom - top + 1) / 2.0;
        for (int y = Math.max(0, top); y <= Math.min(height - 1, bottom); y++) {
            for (int x = Math.max(0, left); x <= Math.min(width - 1, right); x++) {
                double across = (x - centreX) / radiusX;
                double along = (y - centreY) / radiusY;
                if (!ellipse || across * across + along * along <= 1) {
                    pixels[y * width + x] = 1;
                }
            }
        }
        return pixels;
    }
}
