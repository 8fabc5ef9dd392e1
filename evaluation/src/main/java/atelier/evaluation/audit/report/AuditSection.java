package atelier.evaluation.audit.report;

import atelier.common.page.Page;
import atelier.evaluation.audit.AuditResult;
import atelier.evaluation.audit.detect.ImageVerdict;
import atelier.evaluation.audit.detect.Measured;
import atelier.evaluation.audit.detect.Share;
import atelier.evaluation.audit.detect.SplitRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** An audit's result for people: a part of an HTML page that needs nothing beside it. */
public final class AuditSection {
    /** Pictures stand in the page as they are. */
    public static final int WHOLE = Integer.MAX_VALUE;
    /** Pictures shown of each role at most; all that count as memorised are shown, whatever their number. */
    private static final int SHOWN = 8;

    private AuditSection() {}

    /** A {@code section} element. */
    public static String html(AuditResult result) {
        return Page.render("auditsection.jte", Map.of("result", result));
    }

    /** The first of them, and all that count as memorised. */
    public static List<ImageVerdict> shown(List<ImageVerdict> verdicts) {
        List<ImageVerdict> shown = new ArrayList<>();
        for (int i = 0; i < verdicts.size(); i++) {
            if (i < SHOWN || verdicts.get(i).memorised()) {
                shown.add(verdicts.get(i));
            }
        }
        return shown;
    }

    public static String title(SplitRole role) {
        return switch (role) {
            case TRAINING -> "Training pictures, most suspicious first";
            case HELD_OUT -> "Held-out pictures, for comparison";
            case EXCLUDED -> "Excluded pictures, by caption and by creator's name";
        };
    }

    public static String label(SplitRole role) {
        return role.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** A similarity. */
    public static String hundredths(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** A share's interval. */
    public static String range(Share share) {
        return String.format(
                Locale.ROOT,
                "%.1f to %.1f %%",
                100 * share.interval().low(),
                100 * share.interval().high());
    }

    /** Which detectors passed their threshold. */
    public static String flagged(ImageVerdict verdict, AuditResult result) {
        return verdict.flagged().isEmpty()
                ? "no detector"
                : verdict.flagged().stream().sorted().map(result::label).collect(Collectors.joining(", "));
    }

    /** What was measured of a picture. */
    public static String figures(ImageVerdict verdict) {
        Measured evidence = verdict.evidence();
        return String.format(
                        Locale.ROOT,
                        "tiled l2 %.3f (base %.3f, extrapolated %.3f), similarity %.3f (base %.3f), PDQ %d bits,"
                                + " magnitude %.2f of the base's",
                        evidence.adapted().distance(),
                        evidence.base().distance(),
                        evidence.worstDistance(),
                        evidence.adapted().similarity(),
                        evidence.base().similarity(),
                        evidence.adapted().bits(),
                        evidence.magnitude() / evidence.baseMagnitude())
                + (verdict.clique() == 0 ? "" : ", clique of " + verdict.clique());
    }
}
