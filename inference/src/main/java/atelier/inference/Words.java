package atelier.inference;

import atelier.diffusion.text.PromptEncoder;
import atelier.diffusion.text.TextStates;
import java.util.List;

/** What the network is told at each step: the prompt's states and those to stay away from. */
interface Words {
    /** With the prompt, for a step of the schedule. */
    TextStates with(int step);

    /** Without it, or with the negative prompt. */
    TextStates without(int step);

    /** Reads the request's prompts. */
    static Words of(PromptEncoder encoder, ImageRequest request) {
        List<TextStates> states = encoder.encode(
                List.of(request.negativePrompt(), request.prompt()),
                request.sampling().clipSkip());
        return new Words() {
            @Override
            public TextStates with(int step) {
                return states.get(1);
            }

            @Override
            public TextStates without(int step) {
                return states.get(0);
            }
        };
    }
}
