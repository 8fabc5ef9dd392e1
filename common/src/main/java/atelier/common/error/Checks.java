package atelier.common.error;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How settings check themselves. */
public final class Checks {
    private Checks() {}

    /** @throws WrongCommandException with the message as it stands, unless {@code holds} */
    public static void check(boolean holds, String message) {
        if (!holds) {
            throw new WrongCommandException(message);
        }
    }

    /** @throws WrongCommandException with the message, in which {@code %s} stands for the value, unless {@code holds} */
    public static void check(boolean holds, String message, @Nullable Object value) {
        if (!holds) {
            throw new WrongCommandException(String.format(Locale.ROOT, message, value));
        }
    }

    /** @throws WrongCommandException with the message, in which {@code %s} stands for a value, unless {@code holds} */
    public static void check(boolean holds, String message, @Nullable Object first, @Nullable Object second) {
        if (!holds) {
            throw new WrongCommandException(String.format(Locale.ROOT, message, first, second));
        }
    }
}
