package atelier.diffusion.weights.safetensors;

import atelier.common.error.WrongCommandException;

/** A weight file or folder that cannot be used as it is: whoever names it sees to it before anything is touched. The message names the place, the fact and the remedy. */
public final class WeightsException extends WrongCommandException {
    private static final long serialVersionUID = 1L;

    public WeightsException(String message) {
        super(message);
    }

    public WeightsException(String message, Throwable cause) {
        super(message, cause);
    }
}
