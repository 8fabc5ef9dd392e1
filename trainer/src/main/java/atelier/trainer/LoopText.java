package atelier.trainer;

import atelier.diffusion.tensor.Upload;
import atelier.diffusion.text.PromptEncoder;
import java.util.List;

/**
 * Text that encoders on the tape make states of, so that what learns in them gets its gradients.
 *
 * @param captions one an example
 */
record LoopText(PromptEncoder encoder, List<String> captions) implements StepText {
    @Override
    public Ready prepare(Upload upload) {
        return tape -> encoder.conditions(tape, captions);
    }
}
