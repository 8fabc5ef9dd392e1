package atelier.cli.command;

import atelier.cli.config.InlineKeys;
import atelier.common.file.NamedPath;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.LedgerCheck;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.pairs.PairList;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code optout check}: the same ledger that training writes, without training. */
public final class OptOutCheckCommand implements Command {
    /**
     * The keys.
     *
     * @param verify the folder of a finished ledger that is to be checked, in place of judging; null to judge
     */
    record Settings(
            @InlineKeys DatasetSettings dataset, @Nullable Path verify) {}

    @Override
    public String name() {
        return "optout check";
    }

    @Override
    public String summary() {
        return "decide for every image whether it may be trained on, and write the ledger";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws IOException {
        Settings keys = invocation.settings(Settings.class);
        if (keys.verify() != null) {
            invocation.out().println(LedgerCheck.check(keys.verify()));
            return ExitStatus.DONE;
        }
        DatasetSettings settings = keys.dataset();
        NamedPath.output("out", settings.out());
        PairList pairs = settings.pairs();
        Ledger ledger = settings.judge(pairs, invocation.err());
        write(ledger, settings.out(), invocation.out());
        return ExitStatus.DONE;
    }

    /** Writes the ledger's files, and shows every picture that is left out, with the reason, and the sum. */
    static void write(Ledger ledger, Path folder, PrintStream out) throws IOException {
        ledger.write(folder);
        for (Verdict verdict : ledger.verdicts()) {
            if (verdict.outcome() != Outcome.INCLUDED) {
                out.printf(
                        Locale.ROOT,
                        "%-8s %s: %s (%s)%n",
                        verdict.outcome().label(),
                        verdict.image(),
                        verdict.reason(),
                        verdict.rule().label());
            }
        }
        out.println(ledger.summary());
        out.println("ledger: " + folder.resolve("ledger.csv") + " (sha256 " + ledger.digest() + ")");
    }
}
