package atelier.trainer.prepare;

import atelier.common.error.RefusedException;
import atelier.common.error.WorkFailedException;
import atelier.common.error.WrongCommandException;
import atelier.datasets.batch.OnError;
import atelier.datasets.consent.ConsentFilter;
import atelier.datasets.consent.ConsentSettings;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.RefusedSetException;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.trainer.folder.LedgerWriter;
import atelier.trainer.folder.RunFolder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The pictures that a run may use. Those that are held out are judged like the others.
 *
 * @param ledger every picture's verdict but those of validation.pairs, which have a ledger of their own
 * @param training what is trained on, prior-preservation pictures among them
 * @param heldOut what validation looks at; never trained on
 * @param digests SHA-256 by image
 */
public record JudgedPairs(Ledger ledger, List<Pair> training, List<Pair> heldOut, Map<Path, String> digests) {
    /** The ledger has the others. */
    private static final int FAILURES_SHOWN = 10;

    /**
     * What decides.
     *
     * @param consent who may be trained on
     * @param addedTexts what captions get besides, itself judged
     * @param onError what a picture does that cannot be used
     * @param heldOut which of the included are not trained on
     */
    public record Rules(ConsentSettings consent, List<String> addedTexts, OnError onError, HeldOutChoice heldOut) {}

    /**
     * Judges all pictures, and gives the ledgers to be written, when it throws too.
     *
     * @throws RefusedException when consent or licence forbids it
     */
    public static JudgedPairs judge(
            RunInputs inputs, Rules rules, RunFolder folder, LedgerWriter ledgers, Consumer<String> says) {
        Ledger ledger = judge(rules, inputs.pairs(), folder.path(), ledgers);
        inputs.pairs().notices().forEach(says);
        says.accept(ledger.summary());
        requireCaptions(ledger);
        tellFailures(ledger, folder.path(), says);
        require(ledger, rules, folder.path());
        Map<Path, String> digests = digests(ledger);
        List<Pair> included = ledger.included();
        HeldOutChoice wanted = rules.heldOut();
        if (!wanted.any()) {
            return new JudgedPairs(ledger, balanced(included), List.of(), digests);
        }
        PairList own = inputs.validation();
        if (own == null) {
            List<Pair> kept = included.stream().filter(pair -> !pair.isPrior()).toList();
            int count = (int) Math.max(1, Math.round(wanted.fraction() * kept.size()));
            List<Pair> heldOut = HeldOut.choose(kept, digests, count, wanted.seed());
            Set<Pair> out = new HashSet<>(heldOut);
            List<Pair> training =
                    included.stream().filter(pair -> !out.contains(pair)).toList();
            if (training.stream().allMatch(Pair::isPrior)) {
                throw new WrongCommandException("validation.fraction = " + wanted.fraction() + " of " + kept.size()
                        + " pictures leaves none to train on; add pictures, or set it to 0");
            }
            says.accept(heldOut.size() + " pictures are held out for validation");
            return new JudgedPairs(ledger, balanced(training), fewest(heldOut, digests, wanted), digests);
        }
        Ledger second = judge(rules, own, folder.validation(), ledgers);
        own.notices().forEach(notice -> says.accept("held out: " + notice));
        says.accept("held out: " + second.summary());
        tellFailures(second, folder.validation(), says);
        require(second, rules, folder.validation());
        Map<Path, String> all = digests(second);
        apart(second.included(), all, included, digests);
        all.putAll(digests);
        return new JudgedPairs(ledger, balanced(included), fewest(second.included(), all, wanted), all);
    }

    private static Ledger judge(Rules rules, PairList pairs, Path folder, LedgerWriter ledgers) {
        Ledger ledger;
        try {
            ledger = new ConsentFilter(rules.consent()).apply(pairs, rules.addedTexts());
        } catch (RefusedSetException e) {
            ledgers.write(e.ledger(), folder);
            throw e;
        }
        ledgers.write(ledger, folder);
        return ledger;
    }

    /**
     * Prior-preservation pictures are shown whole times over, as long as they do not outnumber the others: half of what a
     * step sees is then of the class at large (Ruiz et al. 2023, DreamBooth).
     */
    private static List<Pair> balanced(List<Pair> pairs) {
        int own = pairs.stream()
                .filter(pair -> !pair.isPrior())
                .mapToInt(Pair::repeats)
                .sum();
        int prior = pairs.stream().filter(Pair::isPrior).mapToInt(Pair::repeats).sum();
        int times = prior == 0 ? 1 : Math.max(1, own / prior);
        return pairs.stream()
                .map(pair -> pair.isPrior() ? pair.asPrior(pair.repeats() * times) : pair)
                .toList();
    }

    private static List<Pair> fewest(List<Pair> heldOut, Map<Path, String> digests, HeldOutChoice wanted) {
        return HeldOut.choose(heldOut, digests, wanted.most(), wanted.seed()).stream()
                .limit(wanted.most())
                .map(Pair::still)
                .toList();
    }

    private static void apart(
            List<Pair> heldOut, Map<Path, String> digests, List<Pair> training, Map<Path, String> trained) {
        Set<String> both =
                training.stream().map(pair -> trained.get(pair.image())).collect(Collectors.toSet());
        List<Pair> shared = heldOut.stream()
                .filter(pair -> both.contains(digests.get(pair.image())))
                .toList();
        if (!shared.isEmpty()) {
            throw new WrongCommandException("validation.pairs holds " + shared.size()
                    + " pictures that data.pairs holds too, the first "
                    + shared.get(0).image()
                    + ": a picture that is trained on says nothing about new ones; take them out of one of the two");
        }
    }

    private static Map<Path, String> digests(Ledger ledger) {
        Map<Path, String> digests = new HashMap<>();
        ledger.verdicts().forEach(verdict -> digests.put(verdict.image(), verdict.sha256()));
        return digests;
    }

    private static void tellFailures(Ledger ledger, Path folder, Consumer<String> says) {
        ledger.verdicts().stream()
                .filter(verdict -> verdict.outcome() == Outcome.FAILED)
                .limit(FAILURES_SHOWN)
                .forEach(verdict -> says.accept(verdict.image() + ": " + verdict.reason()));
        long failed = ledger.count(Outcome.FAILED);
        if (failed > FAILURES_SHOWN) {
            says.accept(
                    (failed - FAILURES_SHOWN) + " more cannot be used; " + folder.resolve("ledger.csv") + " has each");
        }
    }

    private static String sidecar(Path image) {
        return String.valueOf(image.getFileName()).replaceFirst("\\.[^.]*$", "") + ".txt";
    }

    /** Pictures none of which has a caption get one sentence, whatever else is in their folder. */
    private static void requireCaptions(Ledger ledger) {
        List<Path> without = ledger.verdicts().stream()
                .filter(verdict -> verdict.reason().contains(PairList.NO_CAPTION))
                .map(Verdict::image)
                .toList();
        if (without.isEmpty()
                || ledger.count(Outcome.FAILED) < ledger.verdicts().size()) {
            return;
        }
        throw new RefusedException(
                "none of " + without.size() + " pictures has a caption: give all of them the same, such"
                        + " as data.caption=\"a photo of a garden\", or say what each shows in a .txt file of its name beside it,"
                        + " such as " + sidecar(without.get(0)) + ", or in a table with the columns image and caption");
    }

    /** The ledger that says why is written before the refusal is reported. */
    private static void require(Ledger ledger, Rules rules, Path folder) {
        if (ledger.included().isEmpty()) {
            throw new RefusedException("no picture may be trained on: " + ledger.summary() + "; "
                    + folder.resolve("ledger.csv") + " gives the reason for each");
        }
        if (rules.onError() == OnError.FAIL && ledger.count(Outcome.FAILED) > 0) {
            throw new WorkFailedException(ledger.count(Outcome.FAILED) + " pictures cannot be used, named above;"
                    + " mend them, or set data.on_error=skip to go on without them");
        }
    }
}
