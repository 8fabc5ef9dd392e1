package atelier.evaluation.audit.detect;

import atelier.common.image.Pixels;
import atelier.datasets.hash.Pdq;

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
public record Measured(
        Similarity adapted,
        Similarity base,
        double worstDistance,
        Pixels worst,
        double magnitude,
        double baseMagnitude) {
    /** Bits by which digests of unrelated pictures differ on average. */
    private static final double CHANCE_BITS = 128;

    /**
     * A detector's score, greater is more suspicious: always a gain over the base model's generation of the same caption
     * from the same noise, so that plain pictures, which any model comes near to, gain nothing.
     */
    public double score(Detector detector) {
        return switch (detector) {
            case TILED_L2 -> Math.log(base.distance() / adapted.distance());
            case REPLICATION -> adapted.similarity() - base.similarity() + digestGain();
            case MAGNITUDE -> Math.log(magnitude / baseMagnitude);
            case EXTRAPOLATION -> Math.log(base.distance() / worstDistance);
        };
    }

    /**
     * How much more of the digest's bits agree, in shares of those that chance leaves apart. A generation that is too
     * plain for a digest cannot be compared, and there is no gain over it.
     */
    private double digestGain() {
        if (adapted.bits() == Pdq.BITS || base.bits() == Pdq.BITS) {
            return 0;
        }
        return (Math.min(base.bits(), CHANCE_BITS) - Math.min(adapted.bits(), CHANCE_BITS)) / CHANCE_BITS;
    }
}
