package atelier.trainer.listen;

import static atelier.common.error.Checks.check;

import atelier.trainer.prepare.HeldOutChoice;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code validation} of the configuration: pictures that are held out, and what their loss decides. Their loss
 * is the plain mean squared error at fixed noise and timesteps, whatever the objective weighs, so that curves of different
 * runs can be laid over each other.
 *
 * @param pairs held-out pictures of their own, in any form of pairs; null for a share of data.pairs
 * @param images the folder that their relative image paths start from; null for data.images
 * @param fraction the share of data.pairs that is held out and not trained on; 0 for none
 * @param every optimiser steps between two validations
 * @param maxPictures the most pictures that are looked at
 * @param timesteps timesteps a picture, evenly spread over the schedule
 * @param seed what the noise, and the choice of pictures, follow from; apart from the run's own seed
 * @param keepBest whether the best adapter is kept beside the last, and its state with it
 * @param patience validations in a row without a new best after which the run ends; 0 for never
 */
public record ValidationSettings(
        @Nullable Path pairs,
        @Nullable Path images,
        double fraction,
        int every,
        int maxPictures,
        int timesteps,
        long seed,
        boolean keepBest,
        int patience) {
    public ValidationSettings {
        check(fraction >= 0 && fraction < 1, "validation.fraction must be from 0 to below 1, got %s", fraction);
        check(
                pairs == null || fraction == 0,
                "validation.fraction must be 0 where validation.pairs names the held-out pictures, got %s",
                fraction);
        check(
                seed >= 0,
                "validation.seed must be at least 0, got %s; no random seed is drawn here, because a run must be repeatable:"
                        + " write any number",
                seed);
        check(every >= 1, "validation.every must be at least 1, got %s", every);
        check(maxPictures >= 1, "validation.max_pictures must be at least 1, got %s", maxPictures);
        check(timesteps >= 1, "validation.timesteps must be at least 1, got %s", timesteps);
        check(patience >= 0, "validation.patience must be at least 0, got %s", patience);
        check(
                patience == 0 || pairs != null || fraction > 0,
                "validation.patience needs held-out pictures: set validation.pairs or validation.fraction; got %s",
                patience);
    }

    /** Whether anything is held out. */
    public boolean enabled() {
        return heldOut().any();
    }

    /** Which pictures are held out. */
    public HeldOutChoice heldOut() {
        return new HeldOutChoice(pairs, images, fraction, maxPictures, seed);
    }
}
