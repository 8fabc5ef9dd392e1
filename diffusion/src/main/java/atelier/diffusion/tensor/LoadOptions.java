package atelier.diffusion.tensor;

/**
 * How a network's weights are brought in.
 *
 * @param precision what the network computes in
 * @param use what it is for
 * @param prepack which weights are kept in one layout for forward and one for backward passes; it is for
 *     {@link Use#ADAPTERS}, since forward passes alone need one layout anyway
 * @param latents how many latents, over all pictures, a pass of the UNet sees: layouts are chosen by it, any number
 *     can be computed; 0 for one picture of the model's own size
 */
public record LoadOptions(Precision precision, Use use, Prepack prepack, long latents) {
    /** As the constructor, for one picture of the model's own size. */
    public LoadOptions(Precision precision, Use use, Prepack prepack) {
        this(precision, use, prepack, 0);
    }

    /** As the constructor, with everything prepacked. */
    public LoadOptions(Precision precision, Use use) {
        this(precision, use, Prepack.ALL);
    }

    /** The same for passes of another size. */
    public LoadOptions forLatents(long expected) {
        return new LoadOptions(precision, use, prepack, expected);
    }

    /** The same without weights rounded to integers. */
    public LoadOptions unquantised() {
        return new LoadOptions(precision.unquantised(), use, prepack, latents);
    }

    /** Trades memory for time. */
    public enum Prepack {
        /**
         * Least memory: weights lie as the file has them, and are laid out anew at every call; 8-bit ones are widened
         * at every call on the way back.
         */
        NONE,
        /**
         * Convolutions but those of the coarsest level, which has most of the weights and little to compute; of 8-bit
         * weights those of the levels that have at least 32x32 latents.
         */
        FINE,
        /** Fastest: all. */
        ALL
    }

    public enum Use {
        /** Only forward. */
        INFERENCE,
        /** Forward and back with the weights frozen; adapters are trained. */
        ADAPTERS,
        /** The weights themselves are trained: writable copies with gradient buffers. */
        FULL
    }
}
