package atelier.inference.prompt;

import atelier.common.error.WrongCommandException;
import java.util.List;

/** Prompts of a command that compares pictures with each other: words, weights and schedules, and nothing that is chosen. */
public final class PlainPrompts {
    private PlainPrompts() {}

    /**
     * Refuses what generate does with a prompt before it draws: tags that load adapters, choices by the seed, and several
     * prompts in one picture.
     *
     * @param key under which the prompts are given
     * @throws WrongCommandException naming the key and the prompt
     */
    public static void require(String key, List<String> prompts) {
        for (String prompt : prompts) {
            String place = key + ": '" + prompt + "'";
            if (!PromptTag.of(prompt).isEmpty()) {
                throw new WrongCommandException(
                        place + " has " + PromptTag.of(prompt).get(0)
                                + ", and only what is trained or measured is drawn with here; take it out, or draw with"
                                + " other adapters by the command generate");
            }
            if (PromptExpansion.chooses(prompt)) {
                throw new WrongCommandException(place
                        + " leaves a choice ({a|b}, __name__), and these pictures are compared with each other; write one"
                        + " prompt for each choice");
            }
            if (PromptExpansion.composes(prompt)) {
                throw new WrongCommandException(
                        place + " has AND, by which other programs draw several prompts into one"
                                + " picture; that cannot be done here: write a comma, or several prompts");
            }
        }
    }
}
