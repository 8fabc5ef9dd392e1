package atelier.evaluation.measure;

import static atelier.common.error.Checks.check;

import atelier.inference.sampler.schedule.SamplerKind;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code evaluation} of the configuration.
 *
 * @param strengths of the adapter; from 0, the base, to the full one
 * @param prompts most held-out captions that are drawn; 0 for all
 * @param seeds pictures of each prompt
 * @param seed the first seed
 * @param neutralPrompts prompts that ask for no style and no training picture
 * @param neutralSeeds pictures of each neutral prompt
 * @param sampler the sampler, as generate names it
 * @param steps sampling steps
 * @param guidanceScale strength of classifier-free guidance
 * @param batchSize pictures drawn at once
 * @param heldOut pairs of the style that were not trained on; null takes the table beside data.pairs whose name ends in
 *     -held-out, where there is one
 * @param foils tables of pairs in other styles, each in a folder of the style's name
 * @param clip a folder of the user's CLIP, as transformers saves it; null for none
 * @param sscd a folder of the user's SSCD, as the next ones written by scripts/evaluation/convert; null for none
 * @param csd a folder of the user's CSD
 * @param inception a folder of FID's Inception
 * @param references most training pictures that KID compares with; 0 for all
 * @param lossLevels timesteps of the held-out loss and of drift
 * @param draws of the bootstrap
 * @param confidence of all intervals
 * @param attributes words that the count over neutral prompts always reports
 * @param audit whether the memorisation audit is made too
 * @param limits what must hold, such as "style.share >= 0.5" or, against another run, "kid change <= 0.01"
 */
public record EvaluationSettings(
        List<Double> strengths,
        int prompts,
        int seeds,
        long seed,
        List<String> neutralPrompts,
        int neutralSeeds,
        SamplerKind sampler,
        int steps,
        double guidanceScale,
        int batchSize,
        @Nullable Path heldOut,
        List<Path> foils,
        @Nullable Path clip,
        @Nullable Path sscd,
        @Nullable Path csd,
        @Nullable Path inception,
        int references,
        int lossLevels,
        int draws,
        double confidence,
        List<String> attributes,
        boolean audit,
        List<String> limits) {
    public EvaluationSettings {
        strengths = List.copyOf(strengths);
        neutralPrompts = List.copyOf(neutralPrompts);
        attributes = List.copyOf(attributes);
        foils = List.copyOf(foils);
        limits = List.copyOf(limits);
        check(
                strengths.size() >= 2 && strengths.get(0) == 0 && ascending(strengths),
                "evaluation.strengths must begin with 0, the base, and ascend, got %s",
                strengths);
        check(prompts >= 0, "evaluation.prompts must be at least 0, got %s", prompts);
        check(
                seed >= 0,
                "evaluation.seed must be at least 0, got %s; no random seed is drawn here, because a run must be repeatable:"
                        + " write any number",
                seed);
        check(seeds >= 1, "evaluation.seeds must be at least 1, got %s", seeds);
        check(!neutralPrompts.isEmpty(), "evaluation.neutral_prompts must name at least one, got %s", neutralPrompts);
        check(neutralSeeds >= 1, "evaluation.neutral_seeds must be at least 1, got %s", neutralSeeds);
        check(steps >= 1, "evaluation.steps must be at least 1, got %s", steps);
        check(guidanceScale >= 0, "evaluation.guidance_scale must be at least 0, got %s", guidanceScale);
        check(batchSize >= 1, "evaluation.batch_size must be at least 1, got %s", batchSize);
        check(references >= 0, "evaluation.references must be at least 0, got %s", references);
        check(lossLevels >= 1, "evaluation.loss_levels must be at least 1, got %s", lossLevels);
        check(draws >= 100, "evaluation.draws must be at least 100, got %s", draws);
        check(confidence > 0 && confidence < 1, "evaluation.confidence must be between 0 and 1, got %s", confidence);
        limits.forEach(Limit::parse);
    }

    private static boolean ascending(List<Double> values) {
        for (int i = 1; i < values.size(); i++) {
            if (values.get(i) <= values.get(i - 1)) {
                return false;
            }
        }
        return true;
    }

    /** Passes of the network over one picture's noise that drawing takes, about; the audit's are its own. */
    long passes(int drawnPrompts) {
        long pictures = (long) drawnPrompts * seeds + (long) neutralPrompts.size() * neutralSeeds;
        return strengths.size() * pictures * steps * (guidanceScale > 1 ? 2 : 1);
    }

    Measure.Resampling resampling() {
        return new Measure.Resampling(draws, confidence, seed);
    }
}
