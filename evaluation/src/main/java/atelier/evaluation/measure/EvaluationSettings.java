package atelier.evaluation.measure;

import static atelier.common.error.Checks.check;

import atelier.inference.sampler.schedule.SamplerKind;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code evaluation} of the configuration.
 *
 * @param strengths of the adapter; from 0, the base, to the full one
 * @param prompts most held-out captions that are drawn; 0 for all
 * @param seeds most pictures of each prompt
 * @param halfWidth target half-width of the interval of a share of pictures, from 0 to 1; pictures of each prompt are as
 *     few as it needs, at least two; 0 draws all seeds
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
        double halfWidth,
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
    /** Assumed correlation of a share's pictures within a prompt. */
    private static final double WITHIN_PROMPT = 0.5;

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
        check(
                halfWidth >= 0 && halfWidth < 1,
                "evaluation.half_width must be at least 0 and less than 1, got %s",
                halfWidth);
        check(!neutralPrompts.isEmpty(), "evaluation.neutral_prompts must name at least one, got %s", neutralPrompts);
        check(neutralSeeds >= 1, "evaluation.neutral_seeds must be at least 1, got %s", neutralSeeds);
        check(steps >= 1, "evaluation.steps must be at least 1, got %s", steps);
        check(guidanceScale >= 0, "evaluation.guidance_scale must be at least 0, got %s", guidanceScale);
        check(batchSize >= 1, "evaluation.batch_size must be at least 1, got %s", batchSize);
        check(
                references == 0 || references >= 2,
                "evaluation.references must be at least 2, or 0 for all, got %s",
                references);
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

    /**
     * Pictures of each prompt: the fewest, from two on, whose shares' intervals are expected within the target half-width,
     * or {@link #seeds} where no number up to it is enough.
     */
    int seedsOf(int drawnPrompts) {
        int fewest = Math.min(2, seeds);
        for (int each = halfWidth == 0 ? seeds : fewest; each < seeds; each++) {
            if (expectedHalfWidth(drawnPrompts, each) <= halfWidth) {
                return each;
            }
        }
        return seeds;
    }

    /**
     * Refuses a single picture: distributions are compared, which takes two.
     *
     * @throws atelier.common.error.WrongCommandException naming the keys
     */
    void requireSeveral(int drawnPrompts) {
        check(
                (long) drawnPrompts * seedsOf(drawnPrompts) >= 2,
                "evaluation.prompts and evaluation.seeds must give at least 2 pictures, got %s prompt with 1 seed",
                drawnPrompts);
    }

    /**
     * Half the width of the normal interval of a share of pictures in its worst case, a share of one half: z sqrt(1/4 (1 +
     * (s - 1) r) / (s n)) for n prompts of s pictures that correlate by r within a prompt (Kish's design effect, 1965).
     */
    double expectedHalfWidth(int drawnPrompts, int each) {
        double z = NormalDistribution.of(0, 1).inverseCumulativeProbability((1 + confidence) / 2);
        double effect = 1 + (each - 1) * WITHIN_PROMPT;
        return z * Math.sqrt(0.25 * effect / ((double) each * drawnPrompts));
    }

    /** Passes of the network over one picture's noise that drawing takes, about; the audit's are its own. */
    long passes(int drawnPrompts) {
        long pictures = (long) drawnPrompts * seedsOf(drawnPrompts) + (long) neutralPrompts.size() * neutralSeeds;
        return strengths.size() * pictures * steps * (guidanceScale > 1 ? 2 : 1);
    }

    Measure.Resampling resampling() {
        return new Measure.Resampling(draws, confidence, seed);
    }
}
