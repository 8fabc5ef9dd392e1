package atelier.inference.prompt;

import atelier.common.error.WrongCommandException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Chooses among {@code {a|b|2::c}}, where c counts twice, and among the lines of the file that {@code __name__} names. The
 * choices come from a picture's seed alone, in the order in which they stand. A backslash takes a brace literally; braces
 * without a bar are words.
 */
final class PromptChoices {
    private static final int DEEPEST = 20;
    private static final Pattern WILDCARD = Pattern.compile("__([\\p{L}\\p{N}](?:[\\p{L}\\p{N} ./-]|_(?!_))*)__");
    private static final Pattern WEIGHTED = Pattern.compile("(?s)\\s*(\\d+(?:\\.\\d*)?|\\.\\d+)::(.*)");

    private final Wildcards wildcards;
    private final String place;
    private long state;

    /**
     * @param seed of the picture
     * @param place where the prompt stands, for messages
     */
    PromptChoices(Wildcards wildcards, long seed, String place) {
        this.wildcards = wildcards;
        this.place = place;
        this.state = seed;
    }

    /** The text with every choice made. */
    String made(String text) throws IOException {
        return made(text, 0);
    }

    private String made(String text, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new WrongCommandException(
                    place + " has wildcards that name each other in a circle; end it in one of their files");
        }
        StringBuilder out = new StringBuilder();
        Matcher wildcard = WILDCARD.matcher(text);
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\\' && at + 1 < text.length()) {
                char escaped = text.charAt(at + 1);
                // Other escapes are the weights' to read.
                out.append(escaped == '{' || escaped == '}' || escaped == '|' ? "" : "\\")
                        .append(escaped);
                at += 2;
            } else if (c == '{' && options(text, at).size() > 1) {
                List<String> options = options(text, at);
                out.append(made(pick(options), depth + 1));
                at += options.stream().mapToInt(String::length).sum() + options.size() + 1;
            } else if (c == '_' && wildcard.region(at, text.length()).lookingAt()) {
                out.append(made(pick(wildcards.choices(wildcard.group(1), place)), depth + 1));
                at = wildcard.end();
            } else {
                out.append(c);
                at++;
            }
        }
        return out.toString();
    }

    /** What stands between the bars of the brace that opens at a place; empty where it does not close. */
    private static List<String> options(String text, int open) {
        List<String> options = new ArrayList<>();
        int depth = 0;
        int square = 0;
        int from = open + 1;
        for (int i = open; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '{') {
                depth++;
            } else if (c == '[') {
                square++;
            } else if (c == ']') {
                square--;
            } else if (c == '|' && depth == 1 && square == 0) {
                options.add(text.substring(from, i));
                from = i + 1;
            } else if (c == '}') {
                depth--;
                if (depth == 0) {
                    options.add(text.substring(from, i));
                    return options;
                }
            }
        }
        return List.of();
    }

    private String pick(List<String> options) {
        if (options.get(0).contains("$$")) {
            throw new WrongCommandException(place + " has {" + String.join("|", options)
                    + "}: several of a list at once ($$) cannot be chosen here; write a brace for each");
        }
        double[] weights = new double[options.size()];
        String[] texts = new String[options.size()];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            Matcher weighted = WEIGHTED.matcher(options.get(i));
            boolean own = weighted.matches();
            weights[i] = own ? Double.parseDouble(weighted.group(1)) : 1;
            texts[i] = own ? weighted.group(2) : options.get(i);
            sum += weights[i];
        }
        double left = next() * sum;
        for (int i = 0; i < weights.length; i++) {
            left -= weights[i];
            if (left < 0) {
                return texts[i];
            }
        }
        return texts[texts.length - 1];
    }

    /** SplitMix64 (Steele, Lea and Flood, 2014), whose first numbers differ widely for seeds that lie side by side. */
    private double next() {
        state += 0x9E3779B97F4A7C15L;
        long mixed = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return ((mixed ^ (mixed >>> 31)) >>> 11) * 0x1p-53;
    }
}
