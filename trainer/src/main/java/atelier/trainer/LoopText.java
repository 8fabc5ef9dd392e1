package atelier.trainer;

import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.PromptEncoder;
import atelier.diffusion.text.PromptEncoder.Conditions;
import java.util.List;

/**
 * Text that encoders on the tape make states of, so that what learns in them gets its gradients.
 *
 * @param captions one an example
 */
record LoopText(PromptEncoder encoder, List<String> captions) implements StepText {
    @Override
    public Conditions on(Tape tape) {
        return encoder.conditions(tape, captions);
    }
}
