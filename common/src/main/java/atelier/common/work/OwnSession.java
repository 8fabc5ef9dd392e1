package atelier.common.work;

import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * A session of a process's own: signals of the terminal from which it was started, such as Ctrl+C, do not reach it, nor
 * does the end of that terminal.
 */
public final class OwnSession {
    private static final String PROPERTY = "atelier.session";

    private OwnSession() {}

    /** Leaves the starter's session where the system property {@code atelier.session} is own. */
    public static void takeIfAsked() {
        if ("own".equals(System.getProperty(PROPERTY)) && !Platform.isWindows()) {
            try {
                CLibrary.take();
            } catch (UnsatisfiedLinkError e) {
                // It stays where it is, and only Ctrl+C in the starter's terminal tells the difference.
                return;
            }
        }
    }

    private static final class CLibrary {
        static {
            Native.register(CLibrary.class, Platform.C_LIBRARY_NAME);
        }

        /** Fails without harm for a process that leads a group already. */
        static void take() {
            setsid();
        }

        static native int setsid();
    }
}
