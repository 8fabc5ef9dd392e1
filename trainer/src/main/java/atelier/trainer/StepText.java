package atelier.trainer;

import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.PromptEncoder.Conditions;
import java.io.IOException;
import java.util.List;

/** The text of a pass, ready to be put on its tape. */
@FunctionalInterface
interface StepText {
    /** States of all examples; one use of each is the caller's. */
    Conditions on(Tape tape);

    /** Where the text of captions comes from. */
    @FunctionalInterface
    interface Source {
        /** @param captions one an example */
        StepText of(List<String> captions) throws IOException;
    }
}
