package atelier.datasets.consent;

import atelier.common.error.RefusedException;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.RefusedSetException;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.consent.licence.Grants;
import atelier.datasets.consent.licence.LicenceMode;
import atelier.datasets.consent.list.ListDigest;
import atelier.datasets.consent.web.Responses;
import atelier.datasets.consent.web.Signal;
import atelier.datasets.consent.web.Sites;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.SetSettings;
import atelier.datasets.pairs.Severity;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Gives every picture that a source points at one verdict. */
public final class ConsentFilter {
    static final int RESPONSE_ORDER = 1 << 20;
    private static final int SITE_ORDER = 1 << 21;
    static final String SAID = "the server said ";

    private final ConsentSettings settings;
    private final LocalDate today;

    public ConsentFilter(ConsentSettings settings) {
        this(settings, LocalDate.now(java.time.ZoneOffset.UTC));
    }

    /** @param today the day by which it is judged whether a grant has ended */
    public ConsentFilter(ConsentSettings settings, LocalDate today) {
        this.settings = settings;
        this.today = today;
    }

    /** Without trigger words. */
    public Ledger apply(PairList pairs) {
        return apply(pairs, List.of());
    }

    /**
     * Judges all pictures.
     *
     * @param pairs what a source holds; rows that gave no pair fail, with the finding as reason
     * @param addedTexts trigger word, prefix and suffix of captions; one that names an opted-out creator is refused, and so is
     *     one of a set of the pairs
     * @throws RefusedException when a list, captured file or grant cannot be read whole, or licence.mode is licensed and
     *     no picture has evidence
     */
    public Ledger apply(PairList pairs, List<String> addedTexts) {
        Grants grants = new Grants(today);
        List<ListDigest> read = new ArrayList<>();
        settings.licence().grants().forEach(file -> read.add(grants.add(file)));
        Sites sites = Sites.load(settings.optout().sites());

        List<Subject> subjects = new SubjectReader(settings.optout().strict()).read(pairs.pairs());
        servers(subjects, sites, read);
        ListMatcher matcher = new ListMatcher(
                new TrainingKeys(subjects, settings.optout().creatorsInCaptions(), added(addedTexts, pairs)),
                subjects,
                settings.optout().perceptual() ? () -> PerceptualDigests.index(subjects) : null,
                settings.optout().perceptualDistance());
        for (Path list : settings.optout().manifests()) {
            matcher.match(list);
        }
        read.addAll(0, matcher.lists());

        Judge judge = new Judge(settings.licence(), grants, read);
        List<Verdict> verdicts = new ArrayList<>();
        List<Pair> included = new ArrayList<>();
        for (Subject subject : subjects) {
            Verdict verdict = judge.judge(subject);
            verdicts.add(verdict);
            if (verdict.outcome() == Outcome.INCLUDED) {
                included.add(subject.pair());
            }
        }
        for (Finding finding : pairs.findings()) {
            if (finding.severity() == Severity.ERROR && finding.image() != null) {
                verdicts.add(failed(finding, finding.image()));
            }
        }
        Ledger ledger = new Ledger(verdicts, included, read);
        if (settings.licence().mode() == LicenceMode.LICENSED && !judge.sawEvidence()) {
            throw new RefusedSetException(
                    "licence.mode is licensed, and none of " + verdicts.size() + " pictures has a licence that"
                            + " licence.allow names, nor a grant; fill the licence column, record grants under"
                            + " licence.grants, or set licence.mode=open if no statement is needed",
                    ledger);
        }
        return ledger;
    }

    private void servers(List<Subject> subjects, Sites sites, List<ListDigest> read) {
        if (sites.isEmpty() && settings.optout().responses().isEmpty()) {
            return;
        }
        boolean strict = settings.optout().strict();
        Map<String, List<Subject>> byAddress = new HashMap<>();
        for (Subject subject : subjects) {
            for (WebAddress address : subject.addresses()) {
                byAddress
                        .computeIfAbsent(address.key(), k -> new ArrayList<>(1))
                        .add(subject);
                sites(subject, address, sites, strict);
            }
        }
        for (Path path : settings.optout().responses()) {
            SourceFile file = new SourceFile(RESPONSE_ORDER, path.toString(), "");
            ListDigest digest = Responses.read(path, (address, reply, line) -> {
                for (Subject subject : byAddress.getOrDefault(address.key(), List.of())) {
                    for (Signal signal : reply.signals(address, strict, sites.hasRsl(address.host()))) {
                        subject.object(objection(signal, SAID, file, line));
                    }
                }
            });
            file.digested(digest.sha256());
            read.add(digest);
        }
    }

    /** Notes what the files of an address' host object. */
    static void sites(Subject subject, WebAddress address, Sites sites, boolean strict) {
        for (Sites.Sourced found : sites.signals(address, strict)) {
            SourceFile file = new SourceFile(SITE_ORDER, found.file(), found.sha256());
            subject.object(objection(
                    found.signal(), "the server's ", file, found.signal().line()));
        }
    }

    static Objection objection(Signal signal, String who, SourceFile file, long line) {
        return new Objection(SubjectReader.rule(signal.protocol()), who + signal.reason(), file, line);
    }

    /** What is added to captions everywhere or in one set, none blank. */
    private static List<String> added(List<String> everywhere, PairList pairs) {
        Stream<SetSettings> sets = pairs.pairs().stream().map(Pair::set).distinct();
        return Stream.concat(
                        everywhere.stream(),
                        sets.flatMap(set -> Stream.of(set.triggerWord(), set.captionPrefix(), set.captionSuffix())
                                .filter(Objects::nonNull)))
                .filter(text -> !text.isBlank())
                .distinct()
                .toList();
    }

    static Verdict failed(Finding finding, Path image) {
        return new Verdict(
                image,
                "",
                Outcome.FAILED,
                Rule.UNUSABLE,
                finding.fact() + "; " + finding.remedy(),
                finding.place().file().toString(),
                finding.place().line(),
                "",
                "",
                "",
                "");
    }
}
