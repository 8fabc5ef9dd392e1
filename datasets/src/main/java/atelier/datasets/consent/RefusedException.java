package atelier.datasets.consent;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when work must not go on for reasons of consent or licence: a list cannot be read whole, or no picture has the
 * licence that is asked for. Commands end with status 3. The message names place, fact and remedy.
 */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Ledger ledger;

    public RefusedException(String message) {
        super(message);
        this.ledger = null;
    }

    public RefusedException(String message, Throwable cause) {
        super(message, cause);
        this.ledger = null;
    }

    /** A refusal after all verdicts were found; the ledger says why for each picture and may be written. */
    public RefusedException(String message, Ledger ledger) {
        super(message);
        this.ledger = ledger;
    }

    /** The verdicts that led here, or null when there are none yet. */
    public @Nullable Ledger ledger() {
        return ledger;
    }
}
