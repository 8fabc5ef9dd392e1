package atelier.common.work;

/** The user asked the program to stop; thrown wherever work can be left as it is. Commands end with status 130. */
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StoppedException() {
        super("interrupted");
    }
}
