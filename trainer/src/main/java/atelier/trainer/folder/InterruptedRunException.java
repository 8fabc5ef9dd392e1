package atelier.trainer.folder;

/** The run was asked to stop, and saved its state. */
public final class InterruptedRunException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InterruptedRunException(long step, long steps) {
        super("stopped after step " + step + " of " + steps
                + ", and saved; go on with train resume=FOLDER, the run's folder");
    }
}
