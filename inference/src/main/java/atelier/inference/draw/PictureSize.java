package atelier.inference.draw;

/**
 * A picture's size in pixels and in latents.
 *
 * @param factor pixels to a latent along a side
 */
record PictureSize(int width, int height, int factor) {
    int latentWidth() {
        return width / factor;
    }

    int latentHeight() {
        return height / factor;
    }

    /** Latents of one channel. */
    int latentPlane() {
        return latentWidth() * latentHeight();
    }

    /** The longer side in pixels. */
    int longer() {
        return Math.max(width, height);
    }
}
