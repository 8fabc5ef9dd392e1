package atelier.inference;

/**
 * A picture's size in pixels and in latents.
 *
 * @param factor pixels to a latent along a side
 */
record Size(int width, int height, int factor) {
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
