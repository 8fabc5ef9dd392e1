package atelier.trainer.objective;

/** Masks of pictures, brought to the latents' size. */
public final class Masks {
    private Masks() {}

    /**
     * Averages each factor x factor square of a mask, as kohya's masked loss does.
     *
     * @param mask row-major [height, width]
     * @param factor the autoencoder's, 8 for Stable Diffusion; divides both sides
     * @return [height / factor, width / factor]
     */
    public static float[] toLatents(float[] mask, int height, int width, int factor) {
        if (mask.length != height * width || height % factor != 0 || width % factor != 0) {
            throw new IllegalArgumentException("a mask of " + mask.length + " values is not " + height + " x " + width
                    + " with sides that are multiples of " + factor);
        }
        int columns = width / factor;
        double[] sums = new double[mask.length / (factor * factor)];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                sums[y / factor * columns + x / factor] += mask[y * width + x];
            }
        }
        float[] means = new float[sums.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = (float) (sums[i] / (factor * factor));
        }
        return means;
    }
}
