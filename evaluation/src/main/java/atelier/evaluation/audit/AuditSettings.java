package atelier.evaluation.audit;

import static atelier.common.error.Checks.check;

import atelier.evaluation.audit.detect.Detector;
import atelier.evaluation.audit.draw.BatchGuidance;
import atelier.inference.sampler.schedule.SamplerKind;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code audit} of the configuration.
 *
 * @param required whether a run that gives pictures back, or was not audited, is refused
 * @param heldOut pairs of the same style that were not trained on; null takes the table beside data.pairs whose name ends
 *     in -held-out, where there is one
 * @param images most training pictures that are audited; 0 for all
 * @param screeningSeeds generations of every picture's caption
 * @param seeds generations of the most suspicious pictures' captions, for cliques
 * @param candidates how many pictures are the most suspicious ones
 * @param steps sampling steps
 * @param sampler the sampler, as generate names it
 * @param guidanceScale strength of classifier-free guidance
 * @param extrapolation how far the worst case goes from the base: 1 is the adapted model itself
 * @param clique how many of the generations must be close to one another
 * @param agreement how many detectors must flag a picture before it counts as memorised
 * @param level the probability of a false alarm at which each detector's threshold is put
 * @param seed the first seed
 * @param batchSize generations drawn at once
 */
public record AuditSettings(
        boolean required,
        @Nullable Path heldOut,
        int images,
        int screeningSeeds,
        int seeds,
        int candidates,
        int steps,
        SamplerKind sampler,
        double guidanceScale,
        double extrapolation,
        int clique,
        int agreement,
        double level,
        long seed,
        int batchSize) {
    public AuditSettings {
        check(images >= 0, "audit.images must be at least 0, got %s", images);
        check(
                seed >= 0,
                "audit.seed must be at least 0, got %s; no random seed is drawn here, because a run must be repeatable:"
                        + " write any number",
                seed);
        check(screeningSeeds >= 1, "audit.screening_seeds must be at least 1, got %s", screeningSeeds);
        check(
                seeds >= screeningSeeds && seeds <= Long.SIZE,
                "audit.seeds must be between audit.screening_seeds and 64, got %s",
                seeds);
        check(candidates >= 0, "audit.candidates must be at least 0, got %s", candidates);
        check(steps >= 1, "audit.steps must be at least 1, got %s", steps);
        check(guidanceScale >= 0, "audit.guidance_scale must be at least 0, got %s", guidanceScale);
        check(extrapolation >= 1, "audit.extrapolation must be at least 1, got %s", extrapolation);
        check(clique >= 2, "audit.clique must be at least 2, got %s", clique);
        check(
                agreement >= 1 && agreement <= Detector.values().length,
                "audit.agreement must be between 1 and 4, got %s",
                agreement);
        check(level > 0 && level < 0.5, "audit.level must be between 0 and 0.5, got %s", level);
        check(batchSize >= 1, "audit.batch_size must be at least 1, got %s", batchSize);
    }

    /**
     * Passes of the network over one picture's noise that an audit takes, about.
     *
     * @param prompts that differ
     * @param pictures of all roles
     */
    public long passes(int prompts, int pictures) {
        long screened = 3L * prompts * screeningSeeds;
        long chance = (long) Math.min(MemorisationAudit.CHANCES, pictures) * screeningSeeds;
        long examined = (long) (candidates + 2 * (candidates / 4)) * (seeds - screeningSeeds);
        return BatchGuidance.PASSES * (long) steps * (screened + chance + examined);
    }
}
