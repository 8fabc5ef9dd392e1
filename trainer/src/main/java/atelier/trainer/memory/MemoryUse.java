package atelier.trainer.memory;

import atelier.diffusion.tensor.Precision;
import atelier.diffusion.unet.UNetConfig;
import atelier.trainer.optimizer.OptimizerName;

/**
 * What decides how much of a card's memory a run takes.
 *
 * @param unet the network's shape
 * @param pass what goes through the networks at once
 * @param training what is kept for each value that is trained
 * @param frozenBytes weights of the networks that stay on the card: the UNet, the autoencoder, trained text encoders
 * @param trained values that are trained, by their number
 */
public record MemoryUse(UNetConfig unet, Pass pass, Training training, long frozenBytes, long trained) {
    /**
     * What goes through the networks at once.
     *
     * @param resolution a picture's side in pixels: the square root of its area where pictures have other shapes
     * @param batchSize pictures in a pass
     * @param gradientAccumulation passes in an optimiser step
     * @param checkpointing which blocks run again going back
     * @param precision what the frozen networks compute in
     */
    public record Pass(
            int resolution,
            int batchSize,
            int gradientAccumulation,
            Checkpointing checkpointing,
            Precision precision) {}

    /**
     * What is trained, and what is kept for it.
     *
     * @param optimizer the update rule
     * @param average whether a moving average of what is trained is kept
     * @param textEncoders whether the text encoders are trained too
     * @param fullUnet whether the UNet's own weights are trained
     */
    public record Training(OptimizerName optimizer, boolean average, boolean textEncoders, boolean fullUnet) {}

    /** Which blocks run again going back instead of keeping what they computed. */
    public enum Checkpointing {
        NONE,
        SOME,
        ALL
    }
}
