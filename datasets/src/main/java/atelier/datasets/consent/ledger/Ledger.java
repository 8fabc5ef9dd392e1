package atelier.datasets.consent.ledger;

import atelier.datasets.consent.list.ListDigest;
import atelier.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One verdict for every picture that the user pointed at, and the pairs that may be trained on. */
public final class Ledger {
    private final List<Verdict> verdicts;
    private final List<Pair> included;
    private final List<ListDigest> lists;
    private volatile @Nullable String digest;

    /**
     * @param verdicts in the source's order, rows that gave no pair last
     * @param included the pairs to train on, in the source's order
     * @param lists every list, captured file and grants' file that was read, with its digest
     */
    public Ledger(List<Verdict> verdicts, List<Pair> included, List<ListDigest> lists) {
        this.verdicts = List.copyOf(verdicts);
        this.included = List.copyOf(included);
        this.lists = List.copyOf(lists);
    }

    public List<Verdict> verdicts() {
        return verdicts;
    }

    public List<Pair> included() {
        return included;
    }

    public List<ListDigest> lists() {
        return lists;
    }

    public long count(Outcome outcome) {
        return verdicts.stream().filter(v -> v.outcome() == outcome).count();
    }

    /** The SHA-256 of ledger.csv: what names the ledger in an adapter's metadata. */
    public String digest() {
        String known = digest;
        if (known == null) {
            known = LedgerFiles.digest(this);
            digest = known;
        }
        return known;
    }

    /** Writes ledger.csv, ledger.json and credits.md into a folder, each whole or not at all; none before all are whole. */
    public void write(Path folder) throws IOException {
        digest = LedgerFiles.write(this, folder);
    }

    /**
     * The ledger after pictures turned out to be unusable, for instance on decoding.
     *
     * @param reasons image to why
     */
    public Ledger withFailures(Map<Path, String> reasons) {
        if (reasons.isEmpty()) {
            return this;
        }
        Map<Path, String> failures = new HashMap<>(reasons);
        List<Verdict> changed = new ArrayList<>();
        for (Verdict verdict : verdicts) {
            String why = failures.get(verdict.image());
            changed.add(why == null || verdict.outcome() != Outcome.INCLUDED ? verdict : verdict.failed(why));
        }
        List<Pair> left =
                included.stream().filter(p -> !failures.containsKey(p.image())).toList();
        return new Ledger(changed, left, lists);
    }

    /** How many pictures were included, excluded and failed, in a sentence. */
    public String summary() {
        return verdicts.size() + " pictures: " + count(Outcome.INCLUDED) + " included, " + count(Outcome.EXCLUDED)
                + " excluded, " + count(Outcome.FAILED) + " failed";
    }
}
