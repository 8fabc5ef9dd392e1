package atelier.evaluation.audit;

import atelier.evaluation.audit.detect.AuditCase;
import atelier.evaluation.audit.detect.Calibration;
import atelier.evaluation.audit.detect.CliqueTest;
import atelier.evaluation.audit.detect.Detector;
import atelier.evaluation.audit.detect.ImageVerdict;
import atelier.evaluation.audit.detect.Measured;
import atelier.evaluation.audit.detect.SplitRole;
import atelier.evaluation.audit.detect.Threshold;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Turns what was measured into verdicts: calibrates, and judges each picture by thresholds it had no part in. */
final class ImageJudge {
    private final AuditSettings settings;
    private final List<AuditCase> cases;
    private final List<Measured> evidence;
    private final List<Integer> heldOut;
    private final Calibration calibration;

    /**
     * @param evidence one a case
     * @param chance what was measured of base generations from other noise
     */
    ImageJudge(AuditSettings settings, List<AuditCase> cases, List<Measured> evidence, List<Measured> chance) {
        this.settings = settings;
        this.cases = cases;
        this.evidence = evidence;
        this.heldOut = IntStream.range(0, cases.size())
                .filter(i -> cases.get(i).subject().role() == SplitRole.HELD_OUT)
                .boxed()
                .toList();
        this.calibration = Calibration.of(
                settings.level(), chance, heldOut.stream().map(evidence::get).toList());
    }

    /** What training and excluded pictures are judged by. */
    Map<Detector, Threshold> thresholds() {
        return calibration.whole();
    }

    private Map<Detector, Threshold> thresholds(int place) {
        int fold = heldOut.indexOf(place);
        return fold < 0 ? calibration.whole() : calibration.without(fold);
    }

    /** Verdicts from screening alone, one a case. */
    List<ImageVerdict> screened() {
        List<ImageVerdict> verdicts = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            verdicts.add(verdict(i));
        }
        return verdicts;
    }

    /** The places of the most suspicious verdicts of each role: as many training pictures as are wanted, and a quarter
     * as many of the others. */
    List<Integer> candidates(List<ImageVerdict> verdicts) {
        List<Integer> chosen = new ArrayList<>();
        for (SplitRole role : SplitRole.values()) {
            IntStream.range(0, verdicts.size())
                    .boxed()
                    .filter(i -> verdicts.get(i).subject().role() == role)
                    .sorted(Comparator.comparingDouble(
                            (Integer i) -> -verdicts.get(i).suspicion()))
                    .limit(role == SplitRole.TRAINING ? settings.candidates() : settings.candidates() / 4)
                    .forEach(chosen::add);
        }
        return chosen;
    }

    /** The verdict at a place with what many generations show: a confirmed clique counts for tiled l2. */
    ImageVerdict examined(ImageVerdict verdict, int place, CliqueTest exam) {
        Set<Detector> flagged = EnumSet.noneOf(Detector.class);
        flagged.addAll(verdict.flagged());
        if (exam.confirms(settings.clique(), verdict.evidence().base().distance())) {
            flagged.add(Detector.TILED_L2);
        }
        return new ImageVerdict(
                verdict.subject(),
                verdict.prompt(),
                verdict.evidence(),
                verdict.scores(),
                verdict.margins(),
                flagged,
                exam.size(),
                exam.distance(),
                flagged.size() >= settings.agreement());
    }

    private ImageVerdict verdict(int place) {
        Measured measured = evidence.get(place);
        Map<Detector, Double> scores = new EnumMap<>(Detector.class);
        Map<Detector, Double> margins = new EnumMap<>(Detector.class);
        Set<Detector> flagged = EnumSet.noneOf(Detector.class);
        thresholds(place).forEach((detector, threshold) -> {
            double score = measured.score(detector);
            scores.put(detector, score);
            margins.put(detector, threshold.margin(score));
            if (threshold.flags(score)) {
                flagged.add(detector);
            }
        });
        return new ImageVerdict(
                cases.get(place).subject(),
                cases.get(place).prompt(),
                measured,
                scores,
                margins,
                flagged,
                0,
                Double.POSITIVE_INFINITY,
                flagged.size() >= settings.agreement());
    }
}
