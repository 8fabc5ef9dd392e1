package atelier.diffusion.weights.safetensors;

/** A weight file or folder that cannot be used as it is. The message names the place, the fact and the remedy. */
public final class WeightsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WeightsException(String message) {
        super(message);
    }

    public WeightsException(String message, Throwable cause) {
        super(message, cause);
    }
}
