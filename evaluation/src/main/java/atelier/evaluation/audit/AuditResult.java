package atelier.evaluation.audit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What an audit found.
 *
 * @param settings as they were
 * @param thresholds of the detectors, for training pictures
 * @param edge two generations at a smaller tiled distance than this are joined in a clique
 * @param background the similarity of each training picture to the nearest other one
 * @param verdicts in the subjects' order, creators' names after them
 */
public record AuditResult(
        AuditSettings settings,
        Map<Detector, Threshold> thresholds,
        double edge,
        List<Double> background,
        List<ImageVerdict> verdicts) {
    public AuditResult {
        thresholds = Map.copyOf(thresholds);
        background = List.copyOf(background);
        verdicts = List.copyOf(verdicts);
    }

    /** The verdicts over pictures of a role, most suspicious first. */
    public List<ImageVerdict> of(Role role) {
        return verdicts.stream()
                .filter(verdict -> verdict.subject().role() == role)
                .sorted(Comparator.comparingDouble(ImageVerdict::suspicion).reversed())
                .toList();
    }

    /** How many pictures of a role count as memorised. For held-out ones: how many false alarms. */
    public Share memorised(Role role) {
        List<ImageVerdict> own = of(role);
        return new Share((int) own.stream().filter(ImageVerdict::memorised).count(), own.size());
    }

    /** How many pictures of a role a detector flags. */
    public Share flagged(Role role, Detector detector) {
        List<ImageVerdict> own = of(role);
        return new Share(
                (int) own.stream()
                        .filter(verdict -> verdict.flagged().contains(detector))
                        .count(),
                own.size());
    }

    /** A quantile, 0 to 1, of the similarity of training pictures to their nearest other one. */
    public double background(double quantile) {
        double[] sorted =
                background.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.round(quantile * (sorted.length - 1))];
    }

    /** Whether a picture that was trained on, or one that was excluded, comes back. */
    public boolean passed() {
        return Arrays.stream(Role.values())
                .filter(role -> role != Role.HELD_OUT)
                .allMatch(role -> memorised(role).count() == 0);
    }

    /** In a sentence. */
    public String summary() {
        Share training = memorised(Role.TRAINING);
        Share excluded = memorised(Role.EXCLUDED);
        Share alarms = memorised(Role.HELD_OUT);
        return training.count() + " of " + training.of() + " training pictures come back, " + excluded.count() + " of "
                + excluded.of() + " excluded ones; false alarms on held-out pictures: " + alarms.count() + " of "
                + alarms.of();
    }
}
