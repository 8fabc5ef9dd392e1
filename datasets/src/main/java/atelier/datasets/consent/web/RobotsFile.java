package atelier.datasets.consent.web;

import atelier.common.error.MalformedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A file in the grammar of robots.txt (RFC 9309): groups of agents, each with its lines.
 *
 * @param groups the groups in order; lines before the first agent are a group without agents
 */
record RobotsFile(List<Group> groups) {
    /** A line {@code name: value}, the name in lower case. */
    record Line(String name, String value, long number) {}

    /** Agents in lower case, and the lines that hold for them. */
    record Group(Set<String> agents, List<Line> lines) {}

    /**
     * Reads a file.
     *
     * @param strict whether a line that is neither empty, a comment nor {@code name: value} is a fault, as RFC 9309
     *     does not have it; then a page of HTML in the file's place is one
     * @throws MalformedException naming the line
     */
    static RobotsFile parse(String text, boolean strict) {
        List<Group> groups = new ArrayList<>();
        Group group = new Group(Set.of(), new ArrayList<>());
        groups.add(group);
        List<String> agents = new ArrayList<>();
        boolean naming = false;
        long number = 0;
        String body = text.startsWith("\uFEFF") ? text.substring(1) : text;
        for (String raw : body.split("\r\n|\r|\n", -1)) {
            number++;
            int comment = raw.indexOf('#');
            String line = (comment < 0 ? raw : raw.substring(0, comment)).strip();
            int colon = line.indexOf(':');
            if (line.isEmpty()) {
                continue;
            }
            if (number == 1 && line.startsWith("<")) {
                throw new MalformedException("line 1 begins a page of HTML, not robots rules; if the server answered"
                        + " that there is no such file, delete it");
            }
            if (colon <= 0) {
                if (strict || looksLikeSignal(line)) {
                    throw new MalformedException("line " + number + " is not of the form name: value");
                }
                continue;
            }
            String name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            if (name.equals("user-agent")) {
                if (!naming) {
                    agents = new ArrayList<>();
                }
                naming = true;
                agents.add(agent(value));
            } else {
                if (naming) {
                    group = new Group(Set.copyOf(agents), new ArrayList<>());
                    groups.add(group);
                }
                naming = false;
                group.lines().add(new Line(name, value, number));
            }
        }
        return new RobotsFile(groups);
    }

    /** The lines of the groups that name an agent for which {@code wanted} holds, and of the group without agents. */
    List<Line> lines(Predicate<String> wanted) {
        List<Line> lines = new ArrayList<>();
        for (Group group : groups) {
            if (group.agents().isEmpty() || group.agents().stream().anyMatch(wanted)) {
                lines.addAll(group.lines());
            }
        }
        return lines;
    }

    private static boolean looksLikeSignal(String line) {
        String lower = line.toLowerCase(Locale.ROOT);
        return lower.startsWith("content-usage") || lower.startsWith("content-signal") || lower.startsWith("license");
    }

    /** The product token without its version. */
    private static String agent(String value) {
        String token = value.toLowerCase(Locale.ROOT);
        int slash = token.indexOf('/');
        return (slash < 0 ? token : token.substring(0, slash)).strip();
    }
}
