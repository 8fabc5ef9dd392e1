package atelier.diffusion.unet;

import ai.djl.ndarray.NDList;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.Segment;
import atelier.diffusion.tensor.Tape;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a UNet is told by the text, in one of two forms.
 *
 * @param states text states, through which gradients can go
 * @param keys what was made of them before
 */
record TextCondition(@Nullable Activation states, @Nullable TextKeys keys) {
    static TextCondition of(Activation states) {
        return new TextCondition(states, null);
    }

    /** The text states, of a pass that may be recorded. */
    Activation requireStates() {
        return Objects.requireNonNull(states);
    }

    /** Runs a cross-attention; consumes the tokens only. */
    Activation attend(Tape tape, Segment crossAttention, Activation tokens) {
        if (keys == null) {
            return tape.apply(crossAttention, tokens, requireStates().retain());
        }
        NDList made = keys.of(crossAttention);
        Activation k = tape.input(made.get(0));
        Activation v = tape.input(made.get(1));
        return tape.apply(crossAttention, tokens, k, v);
    }

    void release() {
        if (states != null) {
            states.release();
        }
    }
}
