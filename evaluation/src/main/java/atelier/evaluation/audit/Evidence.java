package atelier.evaluation.audit;

import atelier.datasets.image.Pixels;

/**
 * What was measured of one picture.
 *
 * @param adapted the adapted model's generations beside it
 * @param base the base model's, from the same seeds
 * @param worstDistance least tiled distance of the generations under extrapolated guidance
 * @param worst the generation at that distance
 * @param magnitude the caption's mean text-conditional noise magnitude in the adapted model
 * @param baseMagnitude the same in the base
 */
public record Evidence(
        Likeness adapted, Likeness base, double worstDistance, Pixels worst, double magnitude, double baseMagnitude) {
    /** Bits by which digests of unrelated pictures differ on average. */
    private static final double CHANCE_BITS = 128;

    /**
     * A detector's score, greater is more suspicious: always a gain over the base model's generation of the same caption
     * from the same noise, so that plain pictures, which any model comes near to, gain nothing.
     */
    public double score(Detector detector) {
        return switch (detector) {
            case TILED_L2 -> Math.log(base.distance() / adapted.distance());
            case REPLICATION -> agreement(adapted) - agreement(base);
            case MAGNITUDE -> Math.log(magnitude / baseMagnitude);
            case EXTRAPOLATION -> Math.log(base.distance() / worstDistance);
        };
    }

    /** Cosine of features, and the share of the digest's bits that agree beyond chance. */
    private static double agreement(Likeness likeness) {
        return likeness.similarity() + 1 - Math.min(likeness.bits(), CHANCE_BITS) / CHANCE_BITS;
    }
}
