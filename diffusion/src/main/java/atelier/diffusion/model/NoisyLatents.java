package atelier.diffusion.model;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * A batch of latents with noise in them, and how much: what a denoiser is asked about.
 *
 * @param values row-major [n, channels, h, w], scaled as the network takes them
 * @param timesteps one a row, from 0 to the number of training steps; samplers ask between whole ones too
 * @param shape [n, channels, h, w]
 */
@SuppressWarnings("ArrayRecordComponent") // carried to tensors, never compared
public record NoisyLatents(float[] values, float[] timesteps, Shape shape) {
    /**
     * Latents of one size at one noise level.
     *
     * @param rows in the batch
     */
    public static NoisyLatents at(double timestep, float[] values, int rows, int height, int width) {
        float[] timesteps = new float[rows];
        Arrays.fill(timesteps, (float) timestep);
        int channels = values.length / (rows * height * width);
        return new NoisyLatents(values, timesteps, new Shape(rows, channels, height, width));
    }

    /** The same twice, one batch behind the other: for a call without the prompt and with it. */
    public static float[] twice(float[] values) {
        float[] twice = Arrays.copyOf(values, 2 * values.length);
        System.arraycopy(values, 0, twice, values.length, values.length);
        return twice;
    }
}
