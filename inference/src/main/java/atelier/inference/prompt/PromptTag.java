package atelier.inference.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tag of AUTOMATIC1111's form in a prompt, {@code <lora:style:0.8>}: it asks for something beside the words and is none
 * of them.
 *
 * @param kind what it asks for: lora, lyco, hypernet
 * @param arguments what stands between the colons behind the kind
 */
public record PromptTag(String kind, List<String> arguments) {
    private static final Pattern TAG = Pattern.compile("<(\\w+):([^<>]*)>");

    public PromptTag {
        arguments = List.copyOf(arguments);
    }

    /** The tags of a text, in order. */
    public static List<PromptTag> of(String text) {
        List<PromptTag> tags = new ArrayList<>();
        Matcher matcher = TAG.matcher(text);
        while (matcher.find()) {
            tags.add(new PromptTag(matcher.group(1), List.of(matcher.group(2).split(":", -1))));
        }
        return tags;
    }

    /** The text without its tags. */
    public static String without(String text) {
        Matcher matcher = TAG.matcher(text);
        return matcher.find() ? matcher.replaceAll("").strip() : text;
    }

    /** The tag without its brackets. */
    public String text() {
        return kind + ":" + String.join(":", arguments);
    }

    @Override
    public String toString() {
        return "<" + text() + ">";
    }
}
