package atelier.inference.draw;

import atelier.diffusion.model.StableDiffusion;

/**
 * A picture's size in pixels and in latents.
 *
 * @param factor pixels to a latent along a side
 */
public record PictureSize(int width, int height, int factor) {
    /** A square with the side of the pictures that a model was trained on. */
    public static PictureSize nativeTo(StableDiffusion model) {
        int factor = model.autoencoderConfig().factor();
        int side = model.unetConfig().sampleSize() * factor;
        return new PictureSize(side, side, factor);
    }

    public int latentWidth() {
        return width / factor;
    }

    public int latentHeight() {
        return height / factor;
    }

    /** Latents of one channel. */
    public int latentPlane() {
        return latentWidth() * latentHeight();
    }

    /** The longer side in pixels. */
    public int longer() {
        return Math.max(width, height);
    }
}
