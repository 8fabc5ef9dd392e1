package atelier.trainer.memory;

import atelier.diffusion.tensor.Precision;
import atelier.diffusion.unet.UNetConfig;
import atelier.trainer.memory.MemoryUse.Checkpointing;
import atelier.trainer.optimizer.OptimizerName;
import java.util.List;

/**
 * A run's need of a card's memory, in bytes by part. What a network keeps for the way back is a sum over its levels of
 * elements (pixels times channels), counted once for each residual block and once for each transformer layer; the
 * constants say how many arrays of that size each keeps. They were fitted to what PyTorch reserves for SD 1.5 and SDXL as
 * scripts/conformance/gpu measures it, and the test holds them to it.
 *
 * @param weights of networks that stay on the card
 * @param training values that are trained with their gradients, the optimiser's state and narrow copies
 * @param activations what one pass keeps, and its temporaries
 */
public record MemoryEstimate(long weights, long training, long activations) {
    /** Arrays of a level's size that a residual block keeps: inputs, what is joined to them, normalised copies. */
    private static final double RESNET = 8.6;
    /** Arrays that a transformer layer keeps: norms, queries, keys, values, hidden states four times as wide, gates. */
    private static final double TRANSFORMER = 16.9;
    /** Those of them that a level of many tokens makes again going back. */
    private static final double MADE_AGAIN = 8;

    private static final double MANY_TOKENS = 4096;
    /** Arrays for each residual block that stay where all blocks run again. */
    private static final double CHECKPOINT = 5.5;
    /** What PyTorch's allocator leaves between arrays, and what cuBLAS and cuDNN work in. */
    private static final long LIBRARIES = 103L << 20;
    /** Latents have an eighth of a picture's side. */
    private static final int FACTOR = 8;

    public static MemoryEstimate of(MemoryUse use) {
        long each = (long) Float.BYTES // the value
                + Float.BYTES // its gradient
                + state(use.training().optimizer())
                + (use.training().average() ? Float.BYTES : 0)
                + (use.training().fullUnet() || use.pass().precision() == Precision.FP32
                        ? 0
                        : use.pass().precision().bytes());
        long training = use.trained() * each;
        double elements = use.pass().checkpointing() == Checkpointing.ALL ? checkpointed(use) : kept(use);
        long activations =
                (long) (elements * use.pass().precision().bytes() * use.pass().batchSize()) + LIBRARIES;
        return new MemoryEstimate(use.frozenBytes(), training, activations);
    }

    /** All parts together. */
    public long bytes() {
        return weights + training + activations;
    }

    /** Bytes of an optimiser's state for a value. */
    private static int state(OptimizerName name) {
        return switch (name) {
            case ADAMW, SCHEDULE_FREE_ADAMW -> 8;
            case PRODIGY -> 16;
            case ADAMW_8BIT -> 2;
            case LION, SGD, MUON -> 4;
            // Rows and columns only.
            case ADAFACTOR -> 0;
        };
    }

    private static double kept(MemoryUse use) {
        double sum = 0;
        UNetConfig unet = use.unet();
        for (int level = 0; level < unet.levels(); level++) {
            sum += elements(use, level)
                    * (RESNET * resnets(unet, level) + transformer(use, level) * layers(unet, level));
        }
        return sum;
    }

    private static double checkpointed(MemoryUse use) {
        double stays = 0;
        double again = 0;
        UNetConfig unet = use.unet();
        for (int level = 0; level < unet.levels(); level++) {
            double elements = elements(use, level);
            boolean attends = layers(unet, level) > 0;
            stays += elements * CHECKPOINT * resnets(unet, level);
            again = Math.max(
                    again,
                    elements
                            * (RESNET
                                    + (attends
                                            ? transformer(use, level)
                                                    * unet.transformerLayers().get(level)
                                            : 0)));
        }
        return stays + again;
    }

    private static double transformer(MemoryUse use, int level) {
        return tokens(use, level) < MANY_TOKENS ? TRANSFORMER : TRANSFORMER - MADE_AGAIN;
    }

    private static double tokens(MemoryUse use, int level) {
        double side = (double) use.pass().resolution() / FACTOR / (1 << level);
        return side * side;
    }

    /** Elements of one array of a level: pixels times channels. */
    private static double elements(MemoryUse use, int level) {
        return tokens(use, level) * use.unet().channels().get(level);
    }

    /** Residual blocks of a level, down, up and in the middle. */
    private static int resnets(UNetConfig unet, int level) {
        int middle = level == unet.levels() - 1 ? 2 : 0;
        return 2 * unet.layers().get(level) + 1 + middle;
    }

    /** Transformer layers of a level, down, up and in the middle. */
    private static int layers(UNetConfig unet, int level) {
        List<Boolean> up = unet.upAttention();
        int transformers = (unet.downAttention().get(level) ? unet.layers().get(level) : 0)
                + (up.get(up.size() - 1 - level) ? unet.layers().get(level) + 1 : 0)
                + (level == unet.levels() - 1 ? 1 : 0);
        return transformers * unet.transformerLayers().get(level);
    }
}
