package atelier.evaluation.audit.detect;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * What the audit says of one picture under one prompt.
 *
 * @param subject the picture
 * @param prompt its caption, or its creator's name
 * @param evidence what was measured
 * @param scores each detector's, greater is more suspicious
 * @param margins each score's place: 0 where pictures that cannot be memorised have their mean, 1 at the threshold
 * @param flagged the detectors whose threshold it passes
 * @param clique generations of the prompt that are all close to one another; 0 where too few were drawn to tell
 * @param cliqueDistance median tiled distance of these generations to the picture; infinite where there are none
 * @param memorised whether enough detectors agree
 */
public record ImageVerdict(
        AuditSubject subject,
        String prompt,
        Measured evidence,
        Map<Detector, Double> scores,
        Map<Detector, Double> margins,
        Set<Detector> flagged,
        int clique,
        double cliqueDistance,
        boolean memorised) {
    /** A detector's word is not worth more than this many thresholds, so that no single one decides the order. */
    private static final double MOST = 3;

    public ImageVerdict {
        scores = Map.copyOf(scores);
        margins = Map.copyOf(margins);
        flagged = Set.copyOf(flagged);
    }

    /** What pictures are ordered by: the mean of the detectors' margins, each between -3 and 3. */
    public double suspicion() {
        // In a fixed order: a sum in another one may differ in its last bit.
        return Arrays.stream(Detector.values())
                .mapToDouble(detector -> margins.getOrDefault(detector, 0.0))
                .map(margin -> Math.max(-MOST, Math.min(MOST, margin)))
                .average()
                .orElse(0);
    }
}
