package atelier.trainer;

import java.nio.file.Path;
import java.util.Locale;

/**
 * The group {@code train} of the configuration.
 *
 * @param steps optimiser steps of the whole run
 * @param saveEvery optimiser steps between two saved states; 0 saves at the end only
 * @param keepStates saved states that are kept, latest first
 * @param sampleEvery optimiser steps between two grids of samples; 0 draws before and after training only
 * @param batchSize pictures in a forward pass
 * @param gradientAccumulation forward passes before the optimiser steps
 * @param seed what order, noise and timesteps follow from
 * @param maxGradNorm the gradients' global 2-norm is cut to this; 0 cuts nothing
 * @param gradientCheckpointing whether blocks run again going back instead of keeping what they computed
 * @param fullUnet whether the UNet's own weights learn, all of them, instead of an adapter
 * @param cacheDir folder of latents and text states that are computed once
 * @param resumeAnyway whether a resumed run may go on with other data, model or settings than it began with
 */
public record TrainSettings(
        int steps,
        int saveEvery,
        int keepStates,
        int sampleEvery,
        int batchSize,
        int gradientAccumulation,
        long seed,
        double maxGradNorm,
        boolean gradientCheckpointing,
        boolean fullUnet,
        Path cacheDir,
        boolean resumeAnyway) {
    public TrainSettings {
        check(steps >= 1, "train.steps must be at least 1, got %s", steps);
        check(saveEvery >= 0, "train.save_every must be at least 0, got %s", saveEvery);
        check(keepStates >= 1, "train.keep_states must be at least 1, got %s", keepStates);
        check(sampleEvery >= 0, "train.sample_every must be at least 0, got %s", sampleEvery);
        check(batchSize >= 1, "train.batch_size must be at least 1, got %s", batchSize);
        check(
                gradientAccumulation >= 1,
                "train.gradient_accumulation must be at least 1, got %s",
                gradientAccumulation);
        check(maxGradNorm >= 0, "train.max_grad_norm must be at least 0, got %s", maxGradNorm);
    }

    private static void check(boolean holds, String message, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, value));
        }
    }
}
