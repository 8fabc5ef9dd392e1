package atelier.evaluation.audit;

import atelier.evaluation.audit.detect.Detector;
import atelier.evaluation.audit.detect.ImageVerdict;
import atelier.evaluation.audit.detect.Share;
import atelier.evaluation.audit.detect.SplitRole;
import atelier.evaluation.audit.detect.SscdShares;
import atelier.evaluation.audit.detect.Threshold;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an audit found.
 *
 * @param settings as they were
 * @param thresholds of the detectors, for training pictures
 * @param edge two generations at a smaller tiled distance than this are joined in a clique
 * @param chance base generations from other noise that thresholds come from
 * @param sscd how many generations SSCD calls replicas; null where likeness is not SSCD's
 * @param background the similarity of each training picture to the nearest other one
 * @param verdicts in the subjects' order, creators' names after them
 */
public record AuditResult(
        AuditSettings settings,
        Map<Detector, Threshold> thresholds,
        double edge,
        int chance,
        @Nullable SscdShares sscd,
        List<Double> background,
        List<ImageVerdict> verdicts) {
    public AuditResult {
        thresholds = Map.copyOf(thresholds);
        background = List.copyOf(background);
        verdicts = List.copyOf(verdicts);
    }

    /** A detector's name, with SSCD's where it looks through SSCD. */
    public String label(Detector detector) {
        return detector == Detector.REPLICATION && sscd != null ? detector.label() + " (SSCD)" : detector.label();
    }

    /** The verdicts over pictures of a role, most suspicious first. */
    public List<ImageVerdict> of(SplitRole role) {
        return verdicts.stream()
                .filter(verdict -> verdict.subject().role() == role)
                .sorted(Comparator.comparingDouble(ImageVerdict::suspicion).reversed())
                .toList();
    }

    /** How many pictures of a role count as memorised. For held-out ones: how many false alarms. */
    public Share memorised(SplitRole role) {
        return count(role, ImageVerdict::memorised);
    }

    /** How many pictures of a role a detector flags. */
    public Share flagged(SplitRole role, Detector detector) {
        return count(role, verdict -> verdict.flagged().contains(detector));
    }

    /** Pictures, not verdicts: an excluded one has a verdict by its caption and another by its creator's name. */
    private Share count(SplitRole role, Predicate<ImageVerdict> which) {
        List<ImageVerdict> own = of(role);
        return new Share(pictures(own.stream().filter(which)), pictures(own.stream()));
    }

    private static int pictures(Stream<ImageVerdict> verdicts) {
        return (int) verdicts.map(ImageVerdict::subject).distinct().count();
    }

    /** A quantile, 0 to 1, of the similarity of training pictures to their nearest other one. */
    public double background(double quantile) {
        double[] sorted =
                background.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.round(quantile * (sorted.length - 1))];
    }

    /** The verdicts over pictures that come back, trained on or excluded, most suspicious first. */
    public List<ImageVerdict> returned() {
        return Stream.of(SplitRole.TRAINING, SplitRole.EXCLUDED)
                .flatMap(role -> of(role).stream())
                .filter(ImageVerdict::memorised)
                .toList();
    }

    /** Whether none comes back that was trained on or excluded. */
    public boolean passed() {
        return returned().isEmpty();
    }

    /** Why too little is known of false alarms to trust a verdict; empty where enough is. */
    public Optional<String> shortfall() {
        int heldOut = of(SplitRole.HELD_OUT).size();
        if (heldOut < Threshold.FEWEST) {
            return Optional.of(heldOut + " held-out pictures are too few to tell copies from style, " + Threshold.FEWEST
                    + " are needed: name pairs of the same style that were not trained on in audit.held_out, or put"
                    + " them in a table beside data.pairs whose name ends in -held-out");
        }
        return chance < Threshold.FEWEST
                ? Optional.of(
                        chance + " pictures are too few to know what chance gives, " + Threshold.FEWEST + " are needed")
                : Optional.empty();
    }

    /** Why what was trained must not be given away, the pictures by name; empty where it may. */
    public Optional<String> refusal() {
        List<ImageVerdict> returned = returned();
        if (returned.isEmpty()) {
            return shortfall().map(reason -> "the audit cannot be made: " + reason);
        }
        Map<String, Set<String>> names = new LinkedHashMap<>();
        returned.forEach(verdict -> verdict.flagged().stream()
                .sorted()
                .forEach(detector -> names.computeIfAbsent(verdict.subject().name(), name -> new LinkedHashSet<>())
                        .add(label(detector))));
        String list = names.entrySet().stream()
                .map(entry -> entry.getKey() + " (" + String.join(", ", entry.getValue()) + ")")
                .collect(Collectors.joining("; "));
        return Optional.of(
                (names.size() == 1 ? "a picture is given back: " : names.size() + " pictures are given back: ") + list);
    }

    /** In a sentence. */
    public String summary() {
        Share training = memorised(SplitRole.TRAINING);
        Share excluded = memorised(SplitRole.EXCLUDED);
        Share alarms = memorised(SplitRole.HELD_OUT);
        return training.count() + " of " + training.of() + " training pictures come back, " + excluded.count() + " of "
                + excluded.of() + " excluded ones; false alarms on held-out pictures: " + alarms.count() + " of "
                + alarms.of();
    }
}
