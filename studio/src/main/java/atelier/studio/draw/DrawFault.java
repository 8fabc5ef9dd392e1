package atelier.studio.draw;

import atelier.common.error.RefusedException;
import atelier.common.error.UserException;
import atelier.common.error.WrongCommandException;
import io.javalin.http.HttpResponseException;
import java.io.IOException;

/**
 * What went wrong, for a program that asked over HTTP.
 *
 * @param status of the answer
 * @param message a whole sentence
 * @param expected whether it says all that a user needs; else it is a fault of our own
 */
public record DrawFault(int status, String message, boolean expected) {
    private static final int WRONG = 422;
    private static final int REFUSED = 403;
    private static final int FAILED = 500;

    /** By the kind of the exception. */
    public static DrawFault of(Throwable thrown) {
        String message = String.valueOf(thrown.getMessage());
        if (thrown instanceof WrongCommandException) {
            return new DrawFault(WRONG, message, true);
        } else if (thrown instanceof RefusedException) {
            return new DrawFault(REFUSED, message, true);
        } else if (thrown instanceof HttpResponseException told) {
            return new DrawFault(told.getStatus(), message, true);
        } else if (thrown instanceof UserException || thrown instanceof IOException) {
            return new DrawFault(FAILED, message, true);
        }
        return new DrawFault(FAILED, "the studio: a fault of its own: " + thrown, false);
    }
}
