package atelier.common.error;

/**
 * Thrown when work must not go on for reasons of consent, licence or safety: a list cannot be read whole, or no picture
 * has the licence that is asked for. Commands end with status 3.
 */
public class RefusedException extends UserException {
    private static final long serialVersionUID = 1;

    public RefusedException(String place, String fact, String remedy) {
        super(message(place, fact, remedy), null);
    }

    /** @param message a whole sentence that names place, fact and remedy */
    public RefusedException(String message) {
        super(message, null);
    }

    /** @param message a whole sentence that names place, fact and remedy */
    public RefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
