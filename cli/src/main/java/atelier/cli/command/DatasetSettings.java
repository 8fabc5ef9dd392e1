package atelier.cli.command;

import atelier.common.error.RefusedException;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.consent.ConsentFilter;
import atelier.datasets.consent.ConsentSettings;
import atelier.datasets.consent.OptOutSettings;
import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.RefusedSetException;
import atelier.datasets.consent.licence.LicenceSettings;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSources;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/**
 * The keys of the commands that look at data without training.
 *
 * @param out the folder for what they write
 */
record DatasetSettings(DataSettings data, OptOutSettings optout, LicenceSettings licence, Path out) {
    PairList pairs() throws IOException {
        return PairSources.open(data.pairs(), data.images(), data.texts()).read();
    }

    /**
     * Every picture's verdict.
     *
     * @throws RefusedException as {@link ConsentFilter#apply}; the verdicts found until then are written first
     */
    Ledger judge(PairList pairs, PrintStream err) throws IOException {
        List<String> words = data.triggerWord().isEmpty() ? List.of() : List.of(data.triggerWord());
        try {
            return new ConsentFilter(new ConsentSettings(optout, licence)).apply(pairs, words);
        } catch (RefusedSetException e) {
            e.ledger().write(out);
            err.println("the verdicts are in " + out.resolve("ledger.csv"));
            throw e;
        }
    }
}
