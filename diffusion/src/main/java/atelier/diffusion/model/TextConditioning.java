package atelier.diffusion.model;

import atelier.diffusion.tensor.Tape;
import atelier.diffusion.tensor.Upload;
import atelier.diffusion.text.PromptEncoder.Conditions;
import java.io.IOException;
import java.util.List;

/** The text of a batch, one a row: encoded beforehand, or by encoders that are trained. */
@FunctionalInterface
public interface TextConditioning {
    /** Adds what the device must have of it to what is sent there. */
    Ready prepare(Upload upload);

    /** Text ready to be put on a tape, once the upload was sent. */
    @FunctionalInterface
    interface Ready {
        /** States of all rows; one use of each is the caller's. */
        Conditions on(Tape tape);
    }

    /** Where the text of captions comes from. */
    @FunctionalInterface
    interface Source {
        /** @param captions one a row */
        TextConditioning of(List<String> captions) throws IOException;
    }
}
