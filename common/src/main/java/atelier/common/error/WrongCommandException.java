package atelier.common.error;

/** The command or its configuration asks for what is not there; nothing was touched. Its message names place, fact and remedy. */
public final class WrongCommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public WrongCommandException(String message) {
        super(message);
    }
}
