package atelier.datasets.consent;

import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.consent.licence.Grants;
import atelier.datasets.consent.licence.LicenceMode;
import atelier.datasets.consent.list.CompiledOptOutList;
import atelier.datasets.consent.list.EntryKind;
import atelier.datasets.consent.list.ListDigest;
import atelier.datasets.consent.list.PdqIndex;
import atelier.datasets.consent.prompt.CreatorIndex;
import atelier.datasets.consent.web.Captured;
import atelier.datasets.consent.web.Responses;
import atelier.datasets.consent.web.Signal;
import atelier.datasets.consent.web.Sites;
import atelier.datasets.hash.Pdq;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.Severity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Judges rows that describe pictures, block after block, by the rules of {@link ConsentFilter}: a row's verdict does not
 * depend on the block that it is in. Lists, grants and what hosts said are read once and kept; opt-out lists must be
 * compiled, and stay on disk. What holds for a whole run is the caller's: whether any block saw evidence, and
 * {@link #checkAddedTexts}. Several threads may judge a block each.
 */
public final class BlockJudge implements AutoCloseable {
    private final ConsentSettings settings;
    private final Grants grants;
    private final Sites sites;
    private final Map<String, List<Reply>> replies = new HashMap<>();
    private final List<CompiledOptOutList> lists = new ArrayList<>();
    private final List<ListDigest> read = new ArrayList<>();

    private record Reply(WebAddress address, Captured captured, SourceFile file, long line) {}

    /**
     * What became of a block.
     *
     * @param verdicts in the order of the rows
     * @param evidence whether a row has an allowed licence or a grant
     */
    public record Judged(List<Verdict> verdicts, boolean evidence) {}

    /**
     * Reads what rows are judged by.
     *
     * @param today the day by which it is judged whether a grant has ended
     * @throws RefusedException when a list, captured file or grant cannot be read whole
     * @throws WrongCommandException when a list is not compiled
     */
    public BlockJudge(ConsentSettings settings, LocalDate today) {
        this.settings = settings;
        this.grants = new Grants(today);
        this.sites = Sites.load(settings.optout().sites());
        for (Path list : settings.optout().manifests()) {
            lists.add(open(list));
        }
        lists.forEach(list -> read.addAll(list.sources()));
        settings.licence().grants().forEach(file -> read.add(grants.add(file)));
        settings.optout().responses().forEach(this::replies);
    }

    private static CompiledOptOutList open(Path list) {
        try {
            if (!CompiledOptOutList.is(list)) {
                throw new WrongCommandException(
                        "optout.manifests", "'" + list + "' is not compiled", "compile it with optout build");
            }
            return CompiledOptOutList.open(list);
        } catch (NoSuchFileException e) {
            throw new RefusedException(list + " does not exist; take it out of optout.manifests, or restore it", e);
        } catch (IOException e) {
            throw new RefusedException(list + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void replies(Path path) {
        SourceFile file = new SourceFile(ConsentFilter.RESPONSE_ORDER, path.toString(), "");
        ListDigest digest = Responses.read(
                path,
                (address, reply, line) -> replies.computeIfAbsent(address.key(), key -> new ArrayList<>(1))
                        .add(new Reply(address, reply, file, line)));
        file.digested(digest.sha256());
        read.add(digest);
    }

    /**
     * Makes a Bloom filter for each list of many keys, or finds it.
     *
     * @param folder for the files
     * @param least how many keys make it worth while
     * @return the filters, by the list's place in optout.manifests
     */
    public Map<Integer, Path> makeFilters(Path folder, long least) throws IOException {
        Map<Integer, Path> made = new LinkedHashMap<>();
        for (int i = 0; i < lists.size(); i++) {
            if (lists.get(i).keys() >= least) {
                made.put(i, lists.get(i).makeFilter(folder));
            }
        }
        return made;
    }

    /** Asks filters, as {@link #makeFilters} gave them, before the lists are searched. */
    public void filterBy(Map<Integer, Path> filters) throws IOException {
        for (Map.Entry<Integer, Path> filter : filters.entrySet()) {
            lists.get(filter.getKey()).filterBy(filter.getValue());
        }
    }

    /** Every list, grants' file and captured file, with its digest. */
    public List<ListDigest> lists() {
        return List.copyOf(read);
    }

    /** How many entries of a kind the opt-out lists have. */
    public long entries(EntryKind kind) {
        return lists.stream().mapToLong(list -> list.count(kind)).sum();
    }

    /** Whether a further column of a table says something about consent; its name in lower case with - for _. */
    public static boolean isColumn(String name) {
        return switch (name) {
            case "sha256", "pdq", "page", "page-url" -> true;
            default -> Captured.isColumn(name.toLowerCase(Locale.ROOT));
        };
    }

    /** @throws RefusedException when a text that captions get besides, such as a trigger word, names a creator who opted out */
    public void checkAddedTexts(List<String> texts) {
        CreatorIndex triggers = new CreatorIndex();
        List<String> added = texts.stream().filter(text -> !text.isBlank()).toList();
        added.forEach(text -> triggers.add(TrainingKeys.addedText(text), text));
        for (CompiledOptOutList list : added.isEmpty() ? List.<CompiledOptOutList>of() : lists) {
            list.eachText(
                    EntryKind.CREATOR,
                    (name, at, line) -> triggers.find(name, text -> {
                        throw new RefusedException(ListMatcher.triggerFault(
                                text.where(), name, list.sources().get(at).name(), line));
                    }));
        }
    }

    /** Whether a run may go on whose blocks together saw this. */
    public boolean suffices(boolean evidence) {
        return evidence || settings.licence().mode() == LicenceMode.OPEN;
    }

    /**
     * Judges a block.
     *
     * @param rows of one table, with their findings
     * @param table the table
     * @param sha256 the table's digest
     */
    public Judged judge(PairList rows, Path table, String sha256) {
        RowSubjects reader = new RowSubjects(settings.optout().strict(), table, sha256);
        List<RowSubjects.Row> read = rows.pairs().stream().map(reader::read).toList();
        List<Subject> subjects = read.stream().map(RowSubjects.Row::subject).toList();
        servers(subjects);
        match(subjects, read.stream().map(RowSubjects.Row::digests).toList());
        Judge judge = new Judge(settings.licence(), grants, this.read);
        List<Verdict> verdicts = new ArrayList<>(subjects.size());
        for (Subject subject : subjects) {
            verdicts.add(judge.judge(subject));
        }
        return new Judged(inOrder(rows, verdicts), judge.sawEvidence());
    }

    private void servers(List<Subject> subjects) {
        if (sites.isEmpty() && replies.isEmpty()) {
            return;
        }
        boolean strict = settings.optout().strict();
        for (Subject subject : subjects) {
            for (WebAddress address : subject.addresses()) {
                ConsentFilter.sites(subject, address, sites, strict);
                for (Reply reply : replies.getOrDefault(address.key(), List.of())) {
                    boolean rsl = sites.hasRsl(reply.address().host());
                    for (Signal signal : reply.captured().signals(reply.address(), strict, rsl)) {
                        subject.object(ConsentFilter.objection(signal, ConsentFilter.SAID, reply.file(), reply.line()));
                    }
                }
            }
        }
    }

    private void match(List<Subject> subjects, List<List<Pdq>> digests) {
        OptOutSettings optout = settings.optout();
        ListMatcher matcher = new ListMatcher(
                new TrainingKeys(subjects, optout.creatorsInCaptions(), List.of()),
                subjects,
                optout.perceptual() ? () -> new PdqIndex(digests) : null,
                optout.perceptualDistance());
        for (int i = 0; i < lists.size(); i++) {
            matcher.match(lists.get(i), optout.manifests().get(i));
        }
    }

    /** Puts the rows that gave no pair among the others, so that the order does not depend on the blocks. */
    private static List<Verdict> inOrder(PairList rows, List<Verdict> verdicts) {
        List<Finding> lost = rows.findings().stream()
                .filter(finding -> finding.severity() == Severity.ERROR && finding.image() != null)
                .sorted(Comparator.comparingLong(finding -> finding.place().line()))
                .toList();
        if (lost.isEmpty()) {
            return verdicts;
        }
        List<Verdict> all = new ArrayList<>(verdicts.size() + lost.size());
        int next = 0;
        List<Pair> pairs = rows.pairs();
        for (int i = 0; i < verdicts.size(); i++) {
            long line = pairs.get(i).origin().line();
            while (next < lost.size() && lost.get(next).place().line() < line) {
                all.add(failed(lost.get(next++)));
            }
            all.add(verdicts.get(i));
        }
        while (next < lost.size()) {
            all.add(failed(lost.get(next++)));
        }
        return all;
    }

    private static Verdict failed(Finding finding) {
        Path image = finding.image();
        return ConsentFilter.failed(finding, image == null ? finding.place().file() : image);
    }

    @Override
    public void close() {
        for (CompiledOptOutList list : lists) {
            try {
                list.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
