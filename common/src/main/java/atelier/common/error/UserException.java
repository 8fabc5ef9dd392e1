package atelier.common.error;

import org.jspecify.annotations.Nullable;

/**
 * What a user caused and can mend: its message is all that is shown. Everything that a user can cause is one of the
 * kinds below this class, and each kind is an exit status; any other exception that reaches the command line is a fault
 * of the program's own.
 */
public abstract class UserException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param message a whole sentence that names place, fact and remedy */
    UserException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * The one form of a message: {@code captions.csv line 41: 'cats/7.png' does not exist; paths are relative to
     * data.images}.
     *
     * @param place the key, the file and line, or the override that is wrong
     * @param fact what is the matter with it
     * @param remedy what to do about it; empty where the fact says it
     */
    public static String message(String place, String fact, String remedy) {
        return remedy.isEmpty() ? place + ": " + fact : place + ": " + fact + "; " + remedy;
    }
}
