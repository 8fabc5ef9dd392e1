package atelier.diffusion.tensor;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * A value on its way through a network. Each use consumes one reference; {@link #retain} asks for one more. At the
 * last the memory is given back, whether a tape records or not.
 */
public final class Activation {
    private final NDArray value;
    private final boolean needsGradient;
    private int references = 1;
    private @Nullable NDArray gradient;

    Activation(NDArray value, boolean needsGradient) {
        this.value = value;
        this.needsGradient = needsGradient;
    }

    public NDArray value() {
        return value;
    }

    /** Whether anything that is trained lies upstream. */
    public boolean needsGradient() {
        return needsGradient;
    }

    /** Asks for one more use. */
    public Activation retain() {
        references++;
        return this;
    }

    /** Gives one use back unused. */
    public void release() {
        if (--references == 0) {
            value.close();
        } else if (references < 0) {
            throw new IllegalStateException("an activation was used more often than it was retained");
        }
    }

    void receive(NDArray part, Kernels kernels) {
        if (gradient == null) {
            gradient = part;
        } else {
            NDArray sum = kernels.one(part.getManager(), "sum_of", gradient, part);
            gradient.close();
            part.close();
            gradient = sum;
        }
    }

    @Nullable
    NDArray takeGradient() {
        NDArray taken = gradient;
        gradient = null;
        return taken;
    }
}
