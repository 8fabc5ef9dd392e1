package atelier.trainer.run;

import atelier.datasets.batch.Placement;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.model.TextConditioning;
import atelier.trainer.folder.RunFingerprint;
import atelier.trainer.prepare.InpaintingInputs;
import atelier.trainer.prepare.JudgedPairs;
import atelier.trainer.prepare.LatentCache;
import atelier.trainer.prepare.MaskCache;
import org.jspecify.annotations.Nullable;

/**
 * What training needs of pictures and captions.
 *
 * @param pairs what may be trained on, and what is held out
 * @param latents of pictures
 * @param text of captions, cached or by encoders that are trained
 * @param masks null where nothing is masked
 * @param inpainting what an inpainting base takes beside latents; null for another base
 * @param facts what the run's result depends on
 */
record PreparedSet(
        JudgedPairs pairs,
        LatentCache latents,
        TextConditioning.Source text,
        @Nullable MaskCache masks,
        @Nullable InpaintingInputs inpainting,
        RunFingerprint facts) {
    /** Whether a picture's pixels must be decoded for a step. */
    boolean missing(Pair pair, Placement placement) {
        return inpainting == null ? latents.missing(pair, placement) : inpainting.missing(pair, placement);
    }
}
