package atelier.studio.draw;

import atelier.common.error.UserException;
import atelier.studio.server.ErrorStatus;
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
    /** By the kind of the exception. */
    public static DrawFault of(Throwable thrown) {
        boolean expected = thrown instanceof UserException
                || thrown instanceof HttpResponseException
                || thrown instanceof IOException;
        String message = expected ? String.valueOf(thrown.getMessage()) : "the studio: a fault of its own: " + thrown;
        return new DrawFault(ErrorStatus.of(thrown), message, expected);
    }
}
