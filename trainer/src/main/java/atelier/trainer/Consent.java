package atelier.trainer;

import atelier.datasets.PairList;
import atelier.datasets.PairSources;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.consent.ConsentFilter;
import atelier.datasets.consent.ConsentSettings;
import atelier.datasets.consent.Ledger;
import atelier.datasets.consent.RefusedException;
import java.io.IOException;
import java.util.List;

/** The first step of every run: which of the pairs may be trained on. */
final class Consent {
    private Consent() {}

    /**
     * Reads the pairs and judges each picture.
     *
     * @throws RefusedException when a list cannot be read whole, or nothing is left to train on
     */
    static Ledger judge(TrainingSettings settings) throws IOException {
        DataSettings data = settings.data();
        PairList pairs = PairSources.open(data.pairs(), data.images()).read();
        ConsentSettings consent = new ConsentSettings(settings.optout(), settings.licence());
        List<String> triggers = data.triggerWord().isBlank() ? List.of() : List.of(data.triggerWord());
        Ledger ledger = new ConsentFilter(consent).apply(pairs, triggers);
        return ledger;
    }

    /** Refuses a run without a picture; the ledger that says why has been written by then. */
    static void requirePictures(Ledger ledger, RunFolder folder) {
        if (ledger.included().isEmpty()) {
            throw new RefusedException("no picture may be trained on: " + ledger.summary() + "; "
                    + folder.path().resolve("ledger.csv") + " gives the reason for each");
        }
    }
}
