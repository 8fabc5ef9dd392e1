package atelier.datasets.pairs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a source holds: the pairs that can be used, in the source's order, and everything found amiss. A row that gave
 * no pair has a finding of severity ERROR that names its image, so pairs and such findings together account for every
 * image that the source points at.
 */
public record PairList(List<Pair> pairs, List<Finding> findings) {
    /** What is said of an image without a caption. */
    public static final String NO_CAPTION = "has no caption";

    private static final int SHOWN = 5;

    public PairList {
        pairs = List.copyOf(pairs);
        findings = List.copyOf(findings);
    }

    /** The findings by which an image, or the whole source, is lost. */
    public List<Finding> errors() {
        return findings.stream().filter(f -> f.severity() == Severity.ERROR).toList();
    }

    /**
     * What a ledger does not say of these pairs, as sentences: warnings, notes, and rows that name no image. Of many of a
     * kind the first few, and how many more there are.
     */
    public List<String> notices() {
        Map<String, List<Finding>> kinds = new LinkedHashMap<>();
        for (Finding finding : findings) {
            if (finding.severity() != Severity.ERROR || finding.image() == null) {
                kinds.computeIfAbsent(finding.remedy(), kind -> new ArrayList<>())
                        .add(finding);
            }
        }
        List<String> notices = new ArrayList<>();
        for (List<Finding> kind : kinds.values()) {
            kind.stream().limit(SHOWN).forEach(finding -> notices.add(finding.message()));
            if (kind.size() > SHOWN) {
                notices.add("and " + (kind.size() - SHOWN) + " more like it; dataset check names them all");
            }
        }
        return notices;
    }
}
