package atelier.diffusion.model;

import atelier.diffusion.tensor.Upload;
import atelier.diffusion.text.PromptEncoder;
import java.util.List;

/**
 * Text that encoders on the tape make states of, so that what is trained in them gets its gradients.
 *
 * @param captions one a row
 */
public record TrainedText(PromptEncoder encoder, List<String> captions) implements TextConditioning {
    @Override
    public Ready prepare(Upload upload) {
        return tape -> encoder.conditions(tape, captions);
    }
}
