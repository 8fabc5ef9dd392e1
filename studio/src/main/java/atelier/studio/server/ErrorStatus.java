package atelier.studio.server;

import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import io.javalin.http.HttpResponseException;

/**
 * The status with which an error is answered, the same in every interface: 404 not there, 409 not now, 422 wrong, 403
 * refused by consent or safety, 500 the work failed or a fault of our own.
 */
public final class ErrorStatus {
    private static final int NOT_THERE = 404;
    private static final int NOT_NOW = 409;
    private static final int WRONG = 422;
    private static final int REFUSED = 403;
    private static final int FAILED = 500;

    private ErrorStatus() {}

    /** By the kind of the exception. */
    public static int of(Throwable thrown) {
        if (thrown instanceof HttpResponseException told) {
            return told.getStatus();
        } else if (thrown instanceof NotFoundException) {
            return NOT_THERE;
        } else if (thrown instanceof BusyException) {
            return NOT_NOW;
        } else if (thrown instanceof WrongCommandException) {
            return WRONG;
        }
        return thrown instanceof RefusedException ? REFUSED : FAILED;
    }
}
