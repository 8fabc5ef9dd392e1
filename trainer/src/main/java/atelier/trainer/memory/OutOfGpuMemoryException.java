package atelier.trainer.memory;

import atelier.common.error.WorkFailedException;

/** The card's memory did not suffice; the message says for what, and which settings take less. */
public final class OutOfGpuMemoryException extends WorkFailedException {
    private static final long serialVersionUID = 1;

    public OutOfGpuMemoryException(String message, Throwable cause) {
        super(message, cause);
    }
}
