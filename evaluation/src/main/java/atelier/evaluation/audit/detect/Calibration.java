package atelier.evaluation.audit.detect;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The detectors' thresholds, from scores of what cannot be memorised: the base model's own generations from other noise,
 * which show how much chance alone gains, and the held-out pictures, which show what the style gains. A held-out picture
 * is judged by thresholds to which it did not contribute: these pictures form two folds, and each is judged by the
 * other's.
 */
public final class Calibration {
    private final Map<Detector, Threshold> whole;
    private final List<Map<Detector, Threshold>> folds;

    private Calibration(Map<Detector, Threshold> whole, List<Map<Detector, Threshold>> folds) {
        this.whole = whole;
        this.folds = folds;
    }

    /**
     * @param level probability of a false alarm, for each detector
     * @param chance what was measured of base generations from other noise
     * @param heldOut what was measured of the held-out ones, in their order
     */
    public static Calibration of(double level, List<Measured> chance, List<Measured> heldOut) {
        List<Map<Detector, Threshold>> folds = new ArrayList<>();
        for (int fold = 0; fold < 2; fold++) {
            List<Measured> others = new ArrayList<>();
            for (int i = 0; i < heldOut.size(); i++) {
                if (i % 2 != fold) {
                    others.add(heldOut.get(i));
                }
            }
            folds.add(thresholds(level, chance, others));
        }
        return new Calibration(thresholds(level, chance, heldOut), folds);
    }

    private static Map<Detector, Threshold> thresholds(double level, List<Measured> chance, List<Measured> heldOut) {
        Map<Detector, Threshold> thresholds = new EnumMap<>(Detector.class);
        for (Detector detector : Detector.values()) {
            thresholds.put(detector, Threshold.of(level, List.of(scores(chance, detector), scores(heldOut, detector))));
        }
        return thresholds;
    }

    private static double[] scores(List<Measured> evidence, Detector detector) {
        return evidence.stream().mapToDouble(each -> each.score(detector)).toArray();
    }

    /** For pictures that were trained on or excluded. */
    public Map<Detector, Threshold> whole() {
        return whole;
    }

    /** For the held-out picture at this place among them. */
    public Map<Detector, Threshold> without(int heldOut) {
        return folds.get(heldOut % 2);
    }
}
