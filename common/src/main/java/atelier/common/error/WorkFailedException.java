package atelier.common.error;

import org.jspecify.annotations.Nullable;

/**
 * The work began and cannot go on: a file turned out broken, memory or disk did not suffice, numbers grew without
 * bound. Commands end with status 1.
 */
public class WorkFailedException extends UserException {
    private static final long serialVersionUID = 1;

    public WorkFailedException(String place, String fact, String remedy) {
        super(message(place, fact, remedy), null);
    }

    /** @param message a whole sentence that names place, fact and remedy */
    public WorkFailedException(String message) {
        super(message, null);
    }

    /** @param message a whole sentence that names place, fact and remedy */
    public WorkFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
