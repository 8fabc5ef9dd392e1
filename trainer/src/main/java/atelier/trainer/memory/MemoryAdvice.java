package atelier.trainer.memory;

import atelier.diffusion.cuda.Gpu;
import atelier.diffusion.tensor.Precision;
import atelier.trainer.memory.MemoryUse.Checkpointing;
import atelier.trainer.optimizer.OptimizerName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a run on a card is told of memory: before it starts, and when there was too little. */
public final class MemoryAdvice {
    private static final double GIB = 1L << 30;
    private static final int LEAST_RESOLUTION = 256;

    private MemoryAdvice() {}

    /**
     * The settings that would lower the need of this run, and only those, what costs least first.
     *
     * @param gpu the card; it decides whether bf16 is fast
     */
    public static List<String> remedies(MemoryUse use, Gpu gpu) {
        List<String> remedies = new ArrayList<>();
        if (use.pass().batchSize() > 1) {
            int half = largestShare(use.pass().batchSize());
            remedies.add("train.batch_size=" + half + " train.gradient_accumulation="
                    + use.pass().gradientAccumulation() * use.pass().batchSize() / half
                    + " (the same pictures a step)");
        }
        switch (use.pass().checkpointing()) {
            case NONE -> remedies.add("train.gradient_checkpointing=true (a third slower)");
            case SOME -> remedies.add("train.checkpointed_blocks=[] (all blocks)");
            case ALL -> {
                // As little as can be kept.
            }
        }
        if (use.pass().precision() == Precision.FP32 && !use.training().fullUnet()) {
            remedies.add(gpu.computesBf16() ? "model.dtype=bf16 or fp16" : "model.dtype=fp16");
        }
        boolean large = use.trained() * Float.BYTES > 100L << 20;
        if (large && isLargeState(use.training().optimizer())) {
            remedies.add("optimizer=adamw_8bit");
        }
        if (use.training().textEncoders()) {
            remedies.add("adapter.text_encoders=false");
        }
        if (use.pass().resolution() > LEAST_RESOLUTION) {
            remedies.add("a smaller data.resolution");
        }
        return remedies;
    }

    /** The largest divisor but the number itself: the batch then divides into equal passes. */
    private static int largestShare(int batch) {
        int share = batch / 2;
        while (batch % share != 0) {
            share--;
        }
        return share;
    }

    private static boolean isLargeState(OptimizerName name) {
        return switch (name) {
            case ADAMW, PRODIGY, SCHEDULE_FREE_ADAMW -> true;
            case ADAMW_8BIT, ADAFACTOR, LION, SGD, MUON -> false;
        };
    }

    /** The error once a card's memory did not suffice: fact, and the remedies of this run. */
    public static String exceeded(MemoryUse use, Gpu gpu) {
        List<String> remedies = remedies(use, gpu);
        return String.format(
                Locale.ROOT,
                "out of memory on cuda:%d (%s, %.1f GiB): %d x %d pixels, batch %d, %s%s%s; %s",
                gpu.index(),
                gpu.name(),
                gpu.totalBytes() / GIB,
                use.pass().resolution(),
                use.pass().resolution(),
                use.pass().batchSize(),
                use.pass().precision().name().toLowerCase(Locale.ROOT),
                use.pass().checkpointing() == Checkpointing.NONE ? "" : ", gradient checkpointing",
                use.training().fullUnet() ? ", full UNet" : "",
                remedies.isEmpty()
                        ? "nothing in the settings takes less: a card with more memory is needed"
                        : "any of these takes less: " + String.join("; ", remedies));
    }

    /** A warning before training; empty where the card's free memory suffices by the estimate. */
    public static String expected(MemoryUse use, Gpu gpu) {
        long need = MemoryEstimate.of(use).bytes();
        if (gpu.totalBytes() == 0 || need <= gpu.freeBytes()) {
            return "";
        }
        String others =
                need <= gpu.totalBytes() ? "; other programs hold " + gib(gpu.totalBytes() - gpu.freeBytes()) : "";
        List<String> remedies = remedies(use, gpu);
        return "these settings take about " + gib(need) + ", and " + gib(gpu.freeBytes()) + " of cuda:" + gpu.index()
                + "'s " + gib(gpu.totalBytes()) + " are free" + others
                + (remedies.isEmpty() ? "" : ". If it does not fit: " + String.join("; ", remedies));
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }
}
