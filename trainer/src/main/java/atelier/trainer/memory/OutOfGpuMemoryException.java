package atelier.trainer.memory;

/** The card's memory did not suffice; the message says for what, and which settings take less. */
public final class OutOfGpuMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public OutOfGpuMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
