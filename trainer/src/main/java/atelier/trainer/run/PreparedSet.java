package atelier.trainer.run;

import atelier.diffusion.model.TextConditioning;
import atelier.trainer.folder.RunFingerprint;
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
 * @param facts what the run's result depends on
 */
record PreparedSet(
        JudgedPairs pairs,
        LatentCache latents,
        TextConditioning.Source text,
        @Nullable MaskCache masks,
        RunFingerprint facts) {}
