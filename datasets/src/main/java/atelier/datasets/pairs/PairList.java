package atelier.datasets.pairs;

import java.util.List;

/**
 * What a source holds: the pairs that can be used, in the source's order, and everything found amiss. A row that gave
 * no pair has a finding of severity ERROR that names its image, so pairs and such findings together account for every
 * image that the source points at.
 */
public record PairList(List<Pair> pairs, List<Finding> findings) {
    public PairList {
        pairs = List.copyOf(pairs);
        findings = List.copyOf(findings);
    }

    /** The findings by which an image, or the whole source, is lost. */
    public List<Finding> errors() {
        return findings.stream().filter(f -> f.severity() == Severity.ERROR).toList();
    }
}
