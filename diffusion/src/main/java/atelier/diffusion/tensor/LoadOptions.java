package atelier.diffusion.tensor;

/**
 * How a network's weights are brought in.
 *
 * @param precision what the network computes in
 * @param use what it is for
 */
public record LoadOptions(Precision precision, Use use) {
    public enum Use {
        /** Only forward. */
        INFERENCE,
        /** Forward and back with the weights frozen; adapters learn. */
        ADAPTERS,
        /** The weights themselves learn: writable copies with gradient buffers. */
        FULL
    }
}
