package atelier.datasets.consent;

import atelier.datasets.consent.ledger.Rule;
import java.util.Comparator;

/** A reason not to train on a picture, and where it stands. The order is the one in which they are reported. */
record Objection(Rule rule, String reason, SourceFile file, long line) implements Comparable<Objection> {
    private static final Comparator<Objection> ORDER = Comparator.comparing(Objection::rule)
            .thenComparingInt(o -> o.file().order())
            .thenComparing(o -> o.file().name())
            .thenComparingLong(Objection::line)
            .thenComparing(Objection::reason);

    @Override
    public int compareTo(Objection other) {
        return ORDER.compare(this, other);
    }
}
