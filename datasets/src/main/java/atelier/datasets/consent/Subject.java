package atelier.datasets.consent;

import atelier.datasets.consent.embedded.EmbeddedSignals.Said;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.pairs.Pair;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A picture on its way to a verdict: what is known of it, and what objects so far. Objections may come from any thread. */
final class Subject {
    private final Pair pair;
    private final String sha256;
    private final List<WebAddress> addresses;
    private final List<Said> creators;
    private final List<Said> licences;
    private final SourceFile row;
    private @Nullable Set<Rule> rules;
    private @Nullable Objection first;
    private @Nullable String failure;
    private @Nullable String note;

    /**
     * @param sha256 the image's digest, or empty when it could not be read
     * @param creators by the column and by the file itself
     * @param licences likewise
     * @param row the file that names the pair
     */
    Subject(
            Pair pair,
            String sha256,
            List<WebAddress> addresses,
            List<Said> creators,
            List<Said> licences,
            SourceFile row) {
        this.pair = pair;
        this.sha256 = sha256;
        this.addresses = addresses;
        this.creators = creators;
        this.licences = licences;
        this.row = row;
    }

    Pair pair() {
        return pair;
    }

    String sha256() {
        return sha256;
    }

    List<WebAddress> addresses() {
        return addresses;
    }

    List<Said> creators() {
        return creators;
    }

    List<Said> licences() {
        return licences;
    }

    SourceFile row() {
        return row;
    }

    synchronized void object(Objection objection) {
        if (rules == null) {
            rules = EnumSet.noneOf(Rule.class);
        }
        rules.add(objection.rule());
        if (first == null || objection.compareTo(first) < 0) {
            first = objection;
        }
    }

    synchronized void fail(String why) {
        failure = failure == null ? why : failure;
    }

    synchronized void note(String text) {
        note = text;
    }

    synchronized @Nullable String failure() {
        return failure;
    }

    synchronized @Nullable String note() {
        return note;
    }

    /** The objection that is reported, or null when nothing objects. */
    synchronized @Nullable Objection objection() {
        return first;
    }

    /** The rules that object besides the reported one. */
    synchronized Set<Rule> others() {
        if (rules == null || first == null) {
            return Set.of();
        }
        EnumSet<Rule> others = EnumSet.copyOf(rules);
        others.remove(first.rule());
        return others;
    }

    /** The objection in full: how many other rules object is part of what the ledger says. */
    String reason(Objection objection) {
        Set<Rule> others = others();
        return others.isEmpty()
                ? objection.reason()
                : objection.reason() + " (also: "
                        + String.join(", ", others.stream().map(Rule::label).toList()) + ")";
    }
}
