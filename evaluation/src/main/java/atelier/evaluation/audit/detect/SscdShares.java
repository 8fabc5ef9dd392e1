package atelier.evaluation.audit.detect;

import java.util.Locale;

/**
 * How many generations count as replicas by the published bound: those whose SSCD similarity to the nearest training
 * picture is above 0.5 (Somepalli et al. 2023).
 *
 * @param adapted of the adapted model's generations
 * @param base of the base's, from the same noise
 */
public record SscdShares(Share adapted, Share base) {
    /** The published bound. */
    public static final double BOUND = 0.5;

    /** In a sentence. */
    public String summary() {
        return String.format(
                Locale.ROOT,
                "SSCD: %d of %d generations (%.1f %%) are more similar than %.1f to their nearest training picture, %d of %d"
                        + " of the base's",
                adapted.count(),
                adapted.of(),
                100.0 * adapted.count() / adapted.of(),
                BOUND,
                base.count(),
                base.of());
    }
}
