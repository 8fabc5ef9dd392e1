package atelier.studio.draw;

import atelier.common.error.RefusedException;
import atelier.common.error.UserException;
import atelier.common.error.WrongCommandException;
import java.io.IOException;

/**
 * What went wrong, for a program that asked over HTTP.
 *
 * @param status of the answer
 * @param message a whole sentence
 */
public record DrawFault(int status, String message) {
    private static final int WRONG = 422;
    private static final int REFUSED = 403;
    private static final int FULL = 503;
    private static final int FAILED = 500;

    /** By the kind of the exception. */
    public static DrawFault of(Throwable thrown) {
        String message = String.valueOf(thrown.getMessage());
        if (thrown instanceof WrongCommandException) {
            return new DrawFault(WRONG, message);
        } else if (thrown instanceof RefusedException) {
            return new DrawFault(REFUSED, message);
        } else if (thrown instanceof QueueFullException) {
            return new DrawFault(FULL, message);
        } else if (thrown instanceof UserException || thrown instanceof IOException) {
            return new DrawFault(FAILED, message);
        }
        return new DrawFault(FAILED, "a fault of the program's own: " + thrown);
    }

    /** Whether the message says all that a user needs. */
    public static boolean isExpected(Throwable thrown) {
        return thrown instanceof UserException
                || thrown instanceof QueueFullException
                || thrown instanceof IOException;
    }
}
