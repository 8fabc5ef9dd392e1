package atelier.diffusion.model;

/**
 * The denoising network as whoever trains, measures or draws calls it: noisy latents, their levels and a conditioning to a
 * prediction. {@link TapeDenoiser} is training's, {@link DrawingDenoiser} that of many calls with the same texts.
 */
public interface Denoiser {
    /**
     * Predicts, without gradients.
     *
     * @return row-major, the latents' shape but for channels of an inpainting network: noise, velocity or sample, as the
     *     model was trained to
     */
    float[] predict(NoisyLatents noisy, Conditioning conditioning);
}
