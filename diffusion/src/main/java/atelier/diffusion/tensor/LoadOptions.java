package atelier.diffusion.tensor;

/**
 * How a network's weights are brought in.
 *
 * @param precision what the network computes in
 * @param use what it is for: that decides which re-ordered copies are made and whether plain weights are kept
 * @param adjointBytes memory that may go into copies of convolutions re-ordered for the way back; where there is none,
 *     the gradient re-orders the weight at every step, which is slower and takes no memory
 */
public record LoadOptions(Precision precision, Use use, long adjointBytes) {
    public enum Use {
        /** Only forward. */
        INFERENCE,
        /** Forward and back with the weights frozen; adapters learn. */
        ADAPTERS,
        /** The weights themselves learn: writable copies with gradient buffers, nothing re-ordered. */
        FULL
    }

    /** As much memory as it takes. */
    public LoadOptions(Precision precision, Use use) {
        this(precision, use, Long.MAX_VALUE);
    }
}
