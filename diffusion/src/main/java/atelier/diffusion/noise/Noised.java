package atelier.diffusion.noise;

/**
 * A noised example and what should be predicted for it.
 *
 * @param noisy latents with noise in them
 * @param target what the network should say, the same shape
 * @param timestep that the latents were noised to
 */
@SuppressWarnings("ArrayRecordComponent") // carried to tensors, never compared
public record Noised(float[] noisy, float[] target, int timestep) {}
