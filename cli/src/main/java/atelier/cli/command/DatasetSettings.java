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
import atelier.datasets.pairs.form.PairSources;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

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
        try {
            return new ConsentFilter(new ConsentSettings(optout, licence))
                    .apply(pairs, data.captions().added());
        } catch (RefusedSetException e) {
            e.ledger().write(out);
            err.println("the verdicts are in " + out.resolve("ledger.csv"));
            throw e;
        }
    }
}
