package atelier.datasets.consent.ledger;

import atelier.common.error.RefusedException;

/** A refusal after all verdicts were found: the ledger says why for each picture, and may be written. */
public final class RefusedSetException extends RefusedException {
    private static final long serialVersionUID = 1;

    private final transient Ledger ledger;

    public RefusedSetException(String message, Ledger ledger) {
        super(message);
        this.ledger = ledger;
    }

    /** The verdicts that led here. */
    public Ledger ledger() {
        return ledger;
    }
}
