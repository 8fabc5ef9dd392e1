package atelier.evaluation.audit;

import atelier.evaluation.audit.detect.AuditCase;
import atelier.evaluation.audit.detect.AuditSubject;
import atelier.evaluation.audit.detect.SplitRole;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Which pictures an audit asks for, and by what words. */
final class AuditCases {
    private AuditCases() {}

    /**
     * As many pictures of each role as are wanted, in their order.
     *
     * @param most of each role; 0 for all
     */
    static List<AuditSubject> sample(List<AuditSubject> pictures, int most, long seed) {
        if (most == 0) {
            return pictures;
        }
        Set<AuditSubject> kept = new HashSet<>();
        for (SplitRole role : SplitRole.values()) {
            List<AuditSubject> own = new ArrayList<>(
                    pictures.stream().filter(picture -> picture.role() == role).toList());
            Collections.shuffle(own, new Random(seed));
            kept.addAll(own.subList(0, Math.min(most, own.size())));
        }
        return pictures.stream().filter(kept::contains).toList();
    }

    /** Every picture under its caption, in their order; then excluded ones under their creator's name. */
    static List<AuditCase> of(List<AuditSubject> subjects) {
        List<AuditCase> cases = new ArrayList<>();
        for (int i = 0; i < subjects.size(); i++) {
            cases.add(new AuditCase(subjects.get(i), i, subjects.get(i).caption()));
        }
        for (int i = 0; i < subjects.size(); i++) {
            AuditSubject subject = subjects.get(i);
            if (subject.role() == SplitRole.EXCLUDED && !subject.creator().isBlank()) {
                cases.add(new AuditCase(subject, i, subject.creator()));
            }
        }
        return cases;
    }
}
