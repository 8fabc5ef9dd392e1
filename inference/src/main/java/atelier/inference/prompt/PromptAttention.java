package atelier.inference.prompt;

import atelier.common.error.WrongCommandException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Weights in a prompt: {@code (word)} counts 1.1 times, {@code (word:1.3)} 1.3 times, {@code [word]} 1/1.1 times; brackets
 * nest and multiply, a backslash takes a bracket literally, and an opened bracket that is not closed reaches to the end.
 * {@code BREAK} ends a window of tokens.
 */
public final class PromptAttention {
    private static final double ROUND = 1.1;
    private static final double SQUARE = 1 / 1.1;
    /** Escaped character; brackets; a weight with its closing bracket; other text; a colon. */
    private static final Pattern TOKEN =
            Pattern.compile("\\\\[()\\[\\]\\\\]|\\\\|\\(|\\[|:\\s*([+-]?[.\\d]+)\\s*\\)|\\)|]|[^\\\\()\\[\\]:]+|:");

    private static final Pattern BREAK = Pattern.compile("\\s*\\bBREAK\\b\\s*", Pattern.DOTALL);

    private PromptAttention() {}

    /**
     * A piece of a prompt.
     *
     * @param text without the syntax
     * @param weight 1 for none
     * @param isBreak whether a new window of tokens begins here; then there is no text
     */
    public record Part(String text, double weight, boolean isBreak) {
        static Part of(String text) {
            return new Part(text, 1, false);
        }

        private Part times(double factor) {
            return isBreak ? this : new Part(text, weight * factor, false);
        }
    }

    /** The parts of a prompt, neighbours of one weight joined; an empty prompt is one empty part. */
    public static List<Part> parse(String prompt) {
        List<Part> parts = new ArrayList<>();
        Deque<Integer> round = new ArrayDeque<>();
        Deque<Integer> square = new ArrayDeque<>();
        Matcher matcher = TOKEN.matcher(prompt);
        while (matcher.find()) {
            String token = matcher.group();
            String weight = matcher.group(1);
            if (token.startsWith("\\")) {
                parts.add(Part.of(token.substring(1)));
            } else if (token.equals("(")) {
                round.push(parts.size());
            } else if (token.equals("[")) {
                square.push(parts.size());
            } else if (weight != null && !round.isEmpty()) {
                multiply(parts, round.pop(), number(weight));
            } else if (token.equals(")") && !round.isEmpty()) {
                multiply(parts, round.pop(), ROUND);
            } else if (token.equals("]") && !square.isEmpty()) {
                multiply(parts, square.pop(), SQUARE);
            } else {
                addText(parts, token);
            }
        }
        round.forEach(from -> multiply(parts, from, ROUND));
        square.forEach(from -> multiply(parts, from, SQUARE));
        return parts.isEmpty() ? List.of(Part.of("")) : joined(parts);
    }

    private static double number(String weight) {
        try {
            return Double.parseDouble(weight);
        } catch (NumberFormatException e) {
            throw new WrongCommandException(
                    "the prompt has the weight '" + weight + "', which is not a number; write (word:1.3)", e);
        }
    }

    private static void addText(List<Part> parts, String text) {
        String[] pieces = BREAK.split(text, -1);
        for (int i = 0; i < pieces.length; i++) {
            if (i > 0) {
                parts.add(new Part("", 1, true));
            }
            parts.add(Part.of(pieces[i]));
        }
    }

    private static void multiply(List<Part> parts, int from, double factor) {
        for (int i = from; i < parts.size(); i++) {
            parts.set(i, parts.get(i).times(factor));
        }
    }

    private static List<Part> joined(List<Part> parts) {
        List<Part> joined = new ArrayList<>();
        for (Part part : parts) {
            int last = joined.size() - 1;
            if (last >= 0
                    && !part.isBreak()
                    && !joined.get(last).isBreak()
                    && joined.get(last).weight() == part.weight()) {
                joined.set(last, new Part(joined.get(last).text() + part.text(), part.weight(), false));
            } else {
                joined.add(part);
            }
        }
        return joined;
    }
}
