package atelier.cli.embedding;

import atelier.datasets.consent.ConsentFilter;
import atelier.datasets.consent.ConsentSettings;
import atelier.datasets.consent.OptOutSettings;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.consent.licence.LicenceMode;
import atelier.datasets.consent.licence.LicenceSettings;
import atelier.datasets.consent.licence.TermPolicy;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.form.PairSources;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Judges the images of a table by an opt-out list and their licences: TABLE LIST OUTPUT-FOLDER. */
public final class JudgeImages {
    private JudgeImages() {}

    public static void main(String[] arguments) throws IOException {
        Path table = Path.of(arguments[0]);
        List<Path> lists = List.of(Path.of(arguments[1]));
        PairList pairs = PairSources.open(table, table.getParent()).read();

        OptOutSettings optOuts = new OptOutSettings(lists, List.of(), List.of(), false, true, 31, true);
        LicenceSettings licences = new LicenceSettings(
                LicenceMode.LICENSED, List.of("CC0-1.0", "CC-BY-*"), TermPolicy.EXCLUDE, TermPolicy.EXCLUDE, List.of());
        Ledger ledger = new ConsentFilter(new ConsentSettings(optOuts, licences)).apply(pairs);

        for (Verdict verdict : ledger.verdicts()) {
            if (verdict.outcome() != Outcome.INCLUDED) {
                System.out.println(verdict.image() + ": " + verdict.reason());
            }
        }
        ledger.write(Path.of(arguments[2]));
    }
}
