package atelier.inference.safety;

import atelier.common.error.WrongCommandException;

/**
 * How pictures are checked.
 *
 * @param safety what becomes of those that are flagged
 * @param safetyThreshold of the bundled classifier: the probability of nudity, drawn or not, from which on it flags; a
 *     model's own checker has its thresholds in its weights
 */
public record SafetySettings(SafetyAction safety, double safetyThreshold) {
    public SafetySettings {
        if (!(safetyThreshold > 0 && safetyThreshold <= 1)) {
            throw new WrongCommandException(
                    "safety_threshold must be more than 0 and at most 1, got " + safetyThreshold);
        }
    }
}
