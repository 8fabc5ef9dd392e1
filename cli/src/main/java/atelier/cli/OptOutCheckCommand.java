package atelier.cli;

import atelier.datasets.Finding;
import atelier.datasets.PairList;
import atelier.datasets.PairSources;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.consent.ConsentFilter;
import atelier.datasets.consent.ConsentSettings;
import atelier.datasets.consent.Ledger;
import atelier.datasets.consent.LicenceSettings;
import atelier.datasets.consent.OptOutSettings;
import atelier.datasets.consent.Outcome;
import atelier.datasets.consent.RefusedException;
import atelier.datasets.consent.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** {@code optout check}: the same ledger that training writes, without training. */
final class OptOutCheckCommand implements Command {
    /** The keys. */
    record Settings(DataSettings data, OptOutSettings optout, LicenceSettings licence, Path out) {}

    @Override
    public String name() {
        return "optout check";
    }

    @Override
    public String summary() {
        return "give every picture its verdict by opt-out lists, signals and licences; write the ledger";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws IOException {
        Settings settings = invocation.settings(Settings.class);
        DataSettings data = settings.data();
        PairList pairs = PairSources.open(data.pairs(), data.images()).read();
        for (Finding finding : pairs.errors()) {
            invocation.err().println("warning: " + finding.message());
        }
        List<String> words = data.triggerWord().isEmpty() ? List.of() : List.of(data.triggerWord());
        Ledger ledger;
        try {
            ledger = new ConsentFilter(new ConsentSettings(settings.optout(), settings.licence())).apply(pairs, words);
        } catch (RefusedException e) {
            if (e.ledger() != null) {
                e.ledger().write(settings.out());
                invocation.err().println("the verdicts are in " + settings.out().resolve("ledger.csv"));
            }
            throw e;
        }
        ledger.write(settings.out());
        show(ledger, invocation.out());
        invocation
                .out()
                .println("ledger: " + settings.out().resolve("ledger.csv") + " (sha256 " + ledger.digest() + ")");
        return ExitStatus.DONE;
    }

    /** Every picture that is left out, with the reason, and the sum. */
    static void show(Ledger ledger, PrintStream out) {
        for (Verdict verdict : ledger.verdicts()) {
            if (verdict.outcome() != Outcome.INCLUDED) {
                out.printf(
                        "%-8s %s: %s (%s)%n",
                        verdict.outcome().label(),
                        verdict.image(),
                        verdict.reason(),
                        verdict.rule().label());
            }
        }
        out.println(ledger.summary());
    }
}
