package atelier.inference.prompt;

import atelier.common.error.WrongCommandException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is drawn of a prompt as it was written: choices are made, tags are taken out. */
public final class PromptExpansion {
    private static final Pattern AND = Pattern.compile("\\bAND\\b");

    private final Wildcards wildcards;

    /** @param wildcards folder of lists that prompts choose from; null for none */
    public PromptExpansion(@Nullable Path wildcards) {
        this.wildcards = new Wildcards(wildcards);
    }

    /**
     * A prompt as it is drawn.
     *
     * @param text the words, with weights and schedules still in them
     * @param tags that stood among the words
     */
    public record Expanded(String text, List<PromptTag> tags) {
        public Expanded {
            tags = List.copyOf(tags);
        }
    }

    /**
     * The prompt and the negative prompt of one picture.
     *
     * @param place where they stand, for messages
     * @throws WrongCommandException if they ask for what is not here
     */
    public List<Expanded> of(long seed, String place, String prompt, String negativePrompt) throws IOException {
        PromptChoices choices = new PromptChoices(wildcards, seed, place);
        Expanded positive = expanded(choices.made(prompt));
        Expanded negative = expanded(choices.made(negativePrompt));
        if (composes(positive.text())) {
            throw new WrongCommandException(place + " has AND, by which other programs draw several prompts into one"
                    + " picture; that cannot be done here: write a comma, or give each prompt a line of prompts=");
        }
        if (!negative.tags().isEmpty()) {
            throw new WrongCommandException(place + " has " + negative.tags().get(0)
                    + " in its negative prompt; an adapter acts on the whole picture, so write it in the prompt, with a"
                    + " weight below 0 to take it away");
        }
        return List.of(positive, negative);
    }

    private static Expanded expanded(String text) {
        return new Expanded(PromptTag.without(text), PromptTag.of(text));
    }

    /** The tags of both. */
    public static List<PromptTag> tags(List<Expanded> texts) {
        return texts.stream().flatMap(text -> text.tags().stream()).toList();
    }

    /** Whether a prompt joins several by AND. */
    public static boolean composes(String prompt) {
        return AND.matcher(prompt).find();
    }

    /** A prompt's parts between AND joined by commas, their weights left out. */
    public static String joined(String prompt) {
        return AND.splitAsStream(prompt)
                .map(part -> part.replaceAll(":\\s*[-+]?(\\d+\\.?\\d*|\\.\\d+)\\s*$", "")
                        .strip())
                .collect(Collectors.joining(", "));
    }

    /** Whether choices would be made in a prompt. */
    public static boolean chooses(String prompt) {
        return prompt.matches("(?s).*(\\{[^{}]*\\|[^{}]*}|__[\\p{L}\\p{N}][^\\s]*?__).*");
    }
}
