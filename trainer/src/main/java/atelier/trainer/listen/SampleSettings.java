package atelier.trainer.listen;

import static atelier.common.error.Checks.check;

import atelier.common.error.WrongCommandException;
import java.util.List;

/**
 * The configuration's group of samples: the pictures drawn as training goes and at its end.
 *
 * @param prompts what is drawn; the same prompts before and after
 * @param negativePrompt what guidance leads away from
 * @param seed seed of the first prompt; the next one takes the next seed
 * @param steps denoising steps
 * @param guidanceScale strength of classifier-free guidance; 1 is none
 * @param sampler the sampler's name, as generate takes it
 * @param strength the adapter's strength after training has begun, where it takes one ({@link
 *     atelier.diffusion.adapter.settings.AdapterSettings#takesStrength}); 1 is all that it trained
 */
public record SampleSettings(
        List<String> prompts,
        String negativePrompt,
        long seed,
        int steps,
        double guidanceScale,
        String sampler,
        double strength) {
    public SampleSettings {
        prompts = List.copyOf(prompts);
        check(
                seed >= 0,
                "sample.seed must be at least 0, got %s; no random seed is drawn here, because a run must be repeatable:"
                        + " write any number",
                seed);
        if (steps < 1) {
            throw new WrongCommandException("sample.steps must be at least 1, got " + steps);
        }
        if (!(guidanceScale >= 0)) {
            throw new WrongCommandException("sample.guidance_scale must be at least 0, got " + guidanceScale);
        }
        if (!(strength > 0 && strength <= 2)) {
            throw new WrongCommandException("sample.strength must be above 0 and at most 2, got " + strength);
        }
    }
}
