package atelier.common.error;

/**
 * The command or its configuration asks for what cannot be: a key, a value, or a file that it names. Commands end with
 * status 2, and nothing was touched.
 */
public class WrongCommandException extends UserException {
    private static final long serialVersionUID = 1;

    public WrongCommandException(String place, String fact, String remedy) {
        super(message(place, fact, remedy), null);
    }

    /** @param message a whole sentence that names place, fact and remedy */
    public WrongCommandException(String message) {
        super(message, null);
    }

    /** @param message a whole sentence that names place, fact and remedy */
    public WrongCommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
