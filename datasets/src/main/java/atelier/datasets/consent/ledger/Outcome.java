package atelier.datasets.consent.ledger;

import java.util.Locale;

/** What becomes of a picture. */
public enum Outcome {
    INCLUDED,
    EXCLUDED,
    FAILED;

    /** The outcome's name in ledgers, in lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
