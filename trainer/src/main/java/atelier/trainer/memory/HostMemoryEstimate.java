package atelier.trainer.memory;

import atelier.diffusion.tensor.LoadOptions.Prepack;
import atelier.diffusion.tensor.Precision;

/**
 * A run's need of the machine's memory where it trains on the CPU. The network's shape decides as on a card; the test
 * holds the sum to measured runs.
 */
public final class HostMemoryEstimate {
    /** Java, PyTorch's library, and what both work in. */
    private static final long PROGRAM = 300L << 20;
    /** What the convolutions of all levels but the coarsest are of the weights, measured at SD 1.5's size. */
    private static final double FINE = 1.33;

    private HostMemoryEstimate() {}

    /**
     * Bytes at the run's peak.
     *
     * @param use as for a card; its frozen bytes are those of the UNet, in one layout
     * @param prepack weights that lie in a layout for each direction
     * @param encoders bytes of autoencoder and text encoders, which samples need beside the UNet
     */
    public static long bytes(MemoryUse use, Prepack prepack, long encoders) {
        double layouts = use.pass().precision() == Precision.FP32
                ? 1
                : switch (prepack) {
                    case NONE -> 1;
                    case FINE -> FINE;
                    case ALL -> 2;
                };
        MemoryEstimate estimate = MemoryEstimate.of(use);
        return PROGRAM + (long) (layouts * use.frozenBytes()) + encoders + estimate.training() + estimate.activations();
    }
}
