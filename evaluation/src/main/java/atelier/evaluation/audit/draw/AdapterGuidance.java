package atelier.evaluation.audit.draw;

import java.util.Collections;
import java.util.List;

/**
 * Guidance from the base model through the adapted one and beyond: base + weight (adapted - base). Since the adapted
 * model's density is roughly the base's tilted towards the training pictures, a weight above 1 heads for them; about a
 * fifth of a fine-tuning set was drawn out of published models in this way (Wu et al., "Leveraging model guidance to
 * extract training data from personalized diffusion models", 2024). It needs both models, so it is the worst case and no
 * everyday use.
 *
 * @param weight more than 1
 * @param wordsOfBase whether the base is told the words too; without, the guidance holds the words' own pull as well
 */
public record AdapterGuidance(CaptionedDenoiser base, CaptionedDenoiser adapted, double weight, boolean wordsOfBase)
        implements Guidance {
    @Override
    public float[] predict(float[] latents, double timestep, List<String> prompts, double[] magnitudes) {
        float[] from = base.predict(latents, timestep, wordsOfBase ? prompts : Collections.nCopies(prompts.size(), ""));
        float[] to = adapted.predict(latents, timestep, prompts);
        float factor = (float) weight;
        float[] output = new float[latents.length];
        for (int i = 0; i < output.length; i++) {
            output[i] = from[i] + factor * (to[i] - from[i]);
        }
        return output;
    }
}
