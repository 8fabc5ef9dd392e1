package atelier.datasets.consent;

import atelier.common.work.InternedValues;
import atelier.common.work.StopSignal;
import atelier.datasets.consent.embedded.EmbeddedSignals.Said;
import atelier.datasets.consent.key.Domains;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.consent.licence.Grants;
import atelier.datasets.consent.licence.LicenceMode;
import atelier.datasets.consent.licence.LicencePolicy;
import atelier.datasets.consent.licence.LicenceSettings;
import atelier.datasets.consent.licence.TermPolicy;
import atelier.datasets.consent.list.ListDigest;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what was found about a picture into its verdict: a failure, a grant, an objection, or nothing of these. */
final class Judge {
    private static final Logger LOG = LoggerFactory.getLogger(Judge.class);

    private final LicenceMode mode;
    private final LicencePolicy policy;
    private final Grants grants;
    private final List<ListDigest> read;
    private final InternedValues<Said, Statement> statements = new InternedValues<>(this::statement);
    private boolean evidence;

    /**
     * A licence statement that allows a picture's use.
     *
     * @param licence the licence in its usual form
     * @param reason the verdict's
     */
    private record Evidence(String licence, String reason) {}

    /** What a statement comes to: evidence, an objection, or neither where it states no licence. */
    private record Statement(
            @Nullable Evidence evidence, @Nullable String objection) {}

    /** @param read every file that was read, for the digests of grants' files */
    Judge(LicenceSettings settings, Grants grants, List<ListDigest> read) {
        this.mode = settings.mode();
        this.policy = new LicencePolicy(
                settings.allow(),
                settings.nonCommercial() == TermPolicy.ALLOW,
                settings.noDerivatives() == TermPolicy.ALLOW);
        this.grants = grants;
        this.read = read;
    }

    /** Whether any picture so far had an allowed licence or a grant. */
    boolean sawEvidence() {
        return evidence;
    }

    Verdict judge(Subject subject) {
        StopSignal.check();
        String failure = subject.failure();
        if (failure != null) {
            return verdict(
                    subject, Outcome.FAILED, Rule.UNUSABLE, failure, subject.row(), line(subject), licence(subject));
        }
        Evidence allowed = licences(subject);
        evidence |= allowed != null;
        Objection objection = subject.objection();
        if (objection != null) {
            Grants.Grant grant = grant(subject);
            if (grant != null) {
                return granted(subject, grant, objection);
            }
            return verdict(
                    subject,
                    Outcome.EXCLUDED,
                    objection.rule(),
                    subject.reason(objection),
                    objection.file(),
                    objection.line(),
                    licence(subject));
        }
        String note = subject.note() == null ? "" : "; " + subject.note();
        if (allowed == null) {
            return verdict(
                    subject, Outcome.INCLUDED, Rule.OPEN, "nothing objects, no licence is stated" + note, null, 0, "");
        }
        return verdict(
                subject,
                Outcome.INCLUDED,
                Rule.LICENCE,
                note.isEmpty() ? allowed.reason() : allowed.reason() + note,
                subject.row(),
                line(subject),
                allowed.licence());
    }

    /** Every statement must be allowed; without any, the mode decides. */
    private @Nullable Evidence licences(Subject subject) {
        Evidence allowed = null;
        for (Said statement : subject.licences()) {
            Statement found = statements.of(statement);
            if (found.objection() != null) {
                subject.object(new Objection(Rule.LICENCE, found.objection(), subject.row(), line(subject)));
            } else if (allowed == null) {
                allowed = found.evidence();
            }
        }
        if (allowed == null && mode == LicenceMode.LICENSED) {
            subject.object(new Objection(
                    Rule.LICENCE,
                    "no allowed licence is stated, and licence.mode is licensed",
                    subject.row(),
                    line(subject)));
        }
        return allowed;
    }

    private Statement statement(Said said) {
        boolean whole = !said.where().startsWith("XMP") || said.where().endsWith("license");
        LicencePolicy.Judgement judgement = policy.judge(said.text(), whole);
        if (judgement == null) {
            return new Statement(null, null);
        }
        if (judgement.objection() != null) {
            return new Statement(null, said.where() + ": " + judgement.objection());
        }
        String reason = said.where() + " states '" + judgement.licence() + "', which is allowed";
        return new Statement(new Evidence(judgement.licence(), reason), null);
    }

    private Verdict granted(Subject subject, Grants.Grant grant, Objection objection) {
        evidence = true;
        String reason = "grant '" + grant.id() + "' of " + grant.date() + " by " + grant.grantor() + " ("
                + grant.evidence() + ") overrides " + objection.rule().label() + ": " + subject.reason(objection) + ", "
                + objection.file().name() + " line " + objection.line();
        LOG.info("{}: {}", subject.pair().image(), reason);
        String sha256 = read.stream()
                .filter(list -> list.name().equals(grant.list()))
                .map(ListDigest::sha256)
                .findFirst()
                .orElse("");
        return verdict(
                subject,
                Outcome.INCLUDED,
                Rule.GRANT,
                reason,
                new SourceFile(0, grant.list(), sha256),
                grant.line(),
                grant.licence());
    }

    /** The narrowest grant: for the work, its address, its makers, its host. */
    private Grants.@Nullable Grant grant(Subject subject) {
        Grants.Grant grant = subject.sha256().isEmpty() ? null : grants.forDigest(Key128.ofDigest(subject.sha256()));
        for (WebAddress address : subject.addresses()) {
            grant = grant == null ? grants.forUrl(Key128.of(address.key())) : grant;
        }
        if (grant == null && !subject.creators().isEmpty()) {
            grant = grants.forCreators(
                    subject.creators().stream().map(Said::text).collect(Collectors.toSet()));
        }
        for (WebAddress address : subject.addresses()) {
            String host = Domains.withoutWww(address.host());
            List<Key128> above =
                    Domains.withParents(host).stream().map(Key128::of).toList();
            grant = grant == null ? grants.forHost(Key128.of(host), above) : grant;
        }
        return grant;
    }

    private static Verdict verdict(
            Subject subject,
            Outcome outcome,
            Rule rule,
            String reason,
            @Nullable SourceFile file,
            long line,
            String licence) {
        String source = subject.pair().source();
        return new Verdict(
                subject.pair().image(),
                subject.sha256(),
                outcome,
                rule,
                reason,
                file == null ? "" : file.name(),
                line,
                file == null ? "" : file.sha256(),
                creators(subject.creators()),
                licence,
                source == null ? "" : source);
    }

    private static String creators(List<Said> creators) {
        return switch (creators.size()) {
            case 0 -> "";
            case 1 -> creators.get(0).text();
            default -> creators.stream().map(Said::text).distinct().collect(Collectors.joining("; "));
        };
    }

    private static String licence(Subject subject) {
        String column = subject.pair().licence();
        return column == null ? "" : column;
    }

    private static long line(Subject subject) {
        return subject.pair().origin().line();
    }
}
