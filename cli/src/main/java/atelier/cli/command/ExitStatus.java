package atelier.cli.command;

/** How a command ended, and the number that the shell sees. */
public enum ExitStatus {
    /** Done. */
    DONE(0),
    /** The work failed. */
    FAILED(1),
    /** The command or its configuration is wrong; nothing was begun. */
    WRONG(2),
    /** Refused: consent, licence or safety policy. */
    REFUSED(3),
    /** Interrupted, state saved. */
    INTERRUPTED(130);

    private final int code;

    ExitStatus(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
