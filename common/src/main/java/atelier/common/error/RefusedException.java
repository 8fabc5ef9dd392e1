package atelier.common.error;

/**
 * Thrown when work must not go on for reasons of consent or licence: a list cannot be read whole, or no picture has the
 * licence that is asked for. Commands end with status 3. The message names place, fact and remedy.
 */
public class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public RefusedException(String message) {
        super(message);
    }

    public RefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
