package atelier.inference.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A prompt that changes on the way: {@code [from:to:when]} changes after a step (a whole number) or a share of the steps (a
 * number with a point), {@code [to:when]} adds, {@code [from::when]} takes away, {@code [a|b]} alternates each step.
 */
public final class PromptSchedule {
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)");

    private final List<Span> spans;

    private PromptSchedule(List<Span> spans) {
        this.spans = List.copyOf(spans);
    }

    /**
     * One text and how long it holds.
     *
     * @param until the last step, counted from 1, that it is written for
     * @param text with weights still in it
     */
    public record Span(int until, String text) {}

    /** The schedule of a prompt over so many steps. */
    public static PromptSchedule of(String prompt, int steps) {
        Node tree = new Parser(prompt, steps).sequence();
        TreeSet<Integer> ends = new TreeSet<>(List.of(steps));
        tree.ends(steps, ends);
        List<Span> spans = new ArrayList<>();
        for (int end : ends) {
            StringBuilder text = new StringBuilder();
            tree.write(end, text);
            spans.add(new Span(end, text.toString()));
        }
        return new PromptSchedule(spans);
    }

    /** The texts in the order in which they hold. */
    public List<Span> spans() {
        return spans;
    }

    /**
     * The text of a step, counted from 0. A span that is written for step n, counted from 1, holds up to step n counted
     * from 0: one step longer than one would think, and kept because pictures were made so.
     */
    public String textAt(int step) {
        for (Span span : spans) {
            if (step <= span.until()) {
                return span.text();
            }
        }
        return spans.get(spans.size() - 1).text();
    }

    private interface Node {
        void write(int step, StringBuilder out);

        default void ends(int steps, SortedSet<Integer> into) {}
    }

    private record Literal(String text) implements Node {
        @Override
        public void write(int step, StringBuilder out) {
            out.append(text);
        }
    }

    private record Sequence(List<Node> nodes) implements Node {
        @Override
        public void write(int step, StringBuilder out) {
            nodes.forEach(node -> node.write(step, out));
        }

        @Override
        public void ends(int steps, SortedSet<Integer> into) {
            nodes.forEach(node -> node.ends(steps, into));
        }
    }

    private record Change(Node before, Node after, int when) implements Node {
        @Override
        public void write(int step, StringBuilder out) {
            (step <= when ? before : after).write(step, out);
        }

        @Override
        public void ends(int steps, SortedSet<Integer> into) {
            if (when >= 1) {
                into.add(when);
            }
            before.ends(steps, into);
            after.ends(steps, into);
        }
    }

    private record Alternation(List<Node> choices) implements Node {
        @Override
        public void write(int step, StringBuilder out) {
            choices.get((step - 1) % choices.size()).write(step, out);
        }

        @Override
        public void ends(int steps, SortedSet<Integer> into) {
            for (int step = 1; step <= steps; step++) {
                into.add(step);
            }
        }
    }

    /** Reads square brackets; one that makes neither change nor alternation is left to the weights. */
    private record Parser(String text, int steps) {
        Node sequence() {
            List<Node> nodes = new ArrayList<>();
            int literal = 0;
            int at = 0;
            while (at < text.length()) {
                char c = text.charAt(at);
                int end = c == '[' ? closing(at) : -1;
                if (c == '\\') {
                    at += 2;
                } else if (end < 0) {
                    at++;
                } else {
                    nodes.add(new Literal(text.substring(literal, at)));
                    nodes.add(bracket(text.substring(at + 1, end)));
                    at = end + 1;
                    literal = at;
                }
            }
            nodes.add(new Literal(text.substring(literal)));
            return new Sequence(nodes);
        }

        private Node bracket(String content) {
            List<String> parts = split(content, ':');
            String when = parts.get(parts.size() - 1).strip();
            if ((parts.size() == 2 || parts.size() == 3) && NUMBER.matcher(when).matches()) {
                Node before = parts.size() == 3 ? inner(parts.get(0)) : new Literal("");
                return new Change(before, inner(parts.get(parts.size() - 2)), step(when));
            }
            List<String> choices = split(content, '|');
            if (parts.size() == 1 && choices.size() > 1) {
                return new Alternation(choices.stream().map(this::inner).toList());
            }
            return new Sequence(List.of(new Literal("["), inner(content), new Literal("]")));
        }

        private Node inner(String part) {
            return new Parser(part, steps).sequence();
        }

        private int step(String when) {
            double value = Double.parseDouble(when);
            return Math.min(steps, (int) (when.contains(".") ? value * steps : value));
        }

        /** The bracket that closes the one at {@code open}, or -1. */
        private int closing(int open) {
            int depth = 0;
            for (int i = open; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c == '\\') {
                    i++;
                } else if (c == '[') {
                    depth++;
                } else if (c == ']' && --depth == 0) {
                    return i;
                }
            }
            return -1;
        }

        /** Splits where no bracket is open. */
        private static List<String> split(String content, char separator) {
            List<String> parts = new ArrayList<>();
            int depth = 0;
            int from = 0;
            for (int i = 0; i < content.length(); i++) {
                char c = content.charAt(i);
                if (c == '\\') {
                    i++;
                } else if (c == '[' || c == '(') {
                    depth++;
                } else if (c == ']' || c == ')') {
                    depth--;
                } else if (c == separator && depth == 0) {
                    parts.add(content.substring(from, i));
                    from = i + 1;
                }
            }
            parts.add(content.substring(from));
            return parts;
        }
    }
}
