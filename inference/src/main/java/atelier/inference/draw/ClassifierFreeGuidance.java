package atelier.inference.draw;

import atelier.diffusion.model.Conditioning;
import atelier.diffusion.model.Denoiser;
import atelier.diffusion.model.EncodedText;
import atelier.diffusion.model.NoisyLatents;
import atelier.diffusion.text.TextStates;
import atelier.inference.request.GuidanceScale;
import atelier.inference.request.ImageRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Classifier-free guidance (Ho and Salimans, 2022) over a request's prompts: one call of the network for the predictions
 * without and with the prompt, side by side in a batch.
 */
final class ClassifierFreeGuidance implements Guidance {
    private final Denoiser denoiser;
    private final PromptStates prompts;
    private final GuidanceScale guidance;
    private final PictureSize size;
    private final int calls;
    private final int steps;
    private final int count;
    private final float @Nullable [] conditions;

    /**
     * @param calls model calls of the whole schedule
     * @param conditions further input channels of all pictures, for inpainting networks; null for none
     */
    ClassifierFreeGuidance(
            Denoiser denoiser,
            PromptStates prompts,
            ImageRequest request,
            PictureSize size,
            int calls,
            float @Nullable [] conditions) {
        this.denoiser = denoiser;
        this.prompts = prompts;
        this.guidance = request.sampling().guidance();
        this.size = size;
        this.calls = calls;
        this.steps = request.sampling().steps();
        this.count = request.seeds().size();
        this.conditions = conditions;
    }

    @Override
    public float[] predict(int call, float[] latents, double timestep) {
        int step = call * steps / calls;
        TextStates with = prompts.with(step);
        if (!guidance.active(call, calls)) {
            return run(input(latents), timestep, EncodedText.repeated(with, count));
        }
        List<TextStates> without = Collections.nCopies(count, prompts.without(step));
        EncodedText text = EncodedText.guided(without, Collections.nCopies(count, with));
        float[] both = run(NoisyLatents.twice(input(latents)), timestep, text);
        return guidance.apply(
                Arrays.copyOfRange(both, 0, latents.length),
                Arrays.copyOfRange(both, latents.length, both.length),
                latents.length / count);
    }

    private float[] run(float[] input, double timestep, EncodedText text) {
        int rows = text.states().size();
        return denoiser.predict(
                NoisyLatents.at(timestep, input, rows, size.latentHeight(), size.latentWidth()),
                Conditioning.whole(text, rows, size.height(), size.width()));
    }

    private float[] input(float[] latents) {
        if (conditions == null) {
            return latents;
        }
        int own = latents.length / count;
        int further = conditions.length / count;
        float[] joined = new float[latents.length + conditions.length];
        for (int image = 0; image < count; image++) {
            int at = image * (own + further);
            System.arraycopy(latents, image * own, joined, at, own);
            System.arraycopy(conditions, image * further, joined, at + own, further);
        }
        return joined;
    }
}
