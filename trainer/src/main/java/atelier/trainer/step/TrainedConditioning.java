package atelier.trainer.step;

import atelier.diffusion.tensor.Upload;
import atelier.diffusion.text.PromptEncoder;
import java.util.List;

/**
 * Text that encoders on the tape make states of, so that what is trained in them gets its gradients.
 *
 * @param captions one an example
 */
public record TrainedConditioning(PromptEncoder encoder, List<String> captions) implements PassConditioning {
    @Override
    public Ready prepare(Upload upload) {
        return tape -> encoder.conditions(tape, captions);
    }
}
