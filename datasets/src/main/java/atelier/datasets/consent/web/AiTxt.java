package atelier.datasets.consent.web;

import atelier.datasets.consent.web.RobotsFile.Line;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Allow and Disallow, as ai.txt uses robots.txt's grammar to speak of media types ({@code Disallow: *.jpg}), and, where
 * the run is strict, as robots.txt itself turns away the crawlers that collect training data. The longest pattern
 * decides; of equally long ones the one that disallows.
 */
final class AiTxt {
    /** Crawlers known to gather training data, in lower case, as their operators document them. */
    static final Set<String> TRAINING_AGENTS = Set.of(
            "gptbot",
            "ccbot",
            "google-extended",
            "applebot-extended",
            "anthropic-ai",
            "claudebot",
            "claude-web",
            "bytespider",
            "meta-externalagent",
            "facebookbot",
            "amazonbot",
            "cohere-ai",
            "cohere-training-data-crawler",
            "diffbot",
            "omgili",
            "omgilibot",
            "img2dataset",
            "ai2bot",
            "timpibot",
            "imagesiftbot",
            "spawning-ai",
            "pangubot");

    private final RobotsFile file;

    private AiTxt(RobotsFile file) {
        this.file = file;
    }

    /** @throws MalformedException naming the line that is no rule */
    static AiTxt parse(String text) {
        return new AiTxt(RobotsFile.parse(text, true));
    }

    /** What ai.txt says about a path for every agent, or null when it allows it. */
    @Nullable
    Signal signal(String path) {
        Line line = disallowing(file, agent -> agent.equals("*") || agent.equals("atelier"), path);
        return line == null
                ? null
                : new Signal(Signal.Protocol.AI_TXT, "ai.txt says 'Disallow: " + line.value() + "'", line.number());
    }

    /** What robots.txt says about a path to the crawlers that gather training data, or null when it allows them. */
    static @Nullable Signal robots(RobotsFile robots, String path) {
        Line line = disallowing(robots, TRAINING_AGENTS::contains, path);
        return line == null
                ? null
                : new Signal(
                        Signal.Protocol.ROBOTS,
                        "robots.txt turns crawlers for AI training away with 'Disallow: " + line.value() + "'",
                        line.number());
    }

    private static @Nullable Line disallowing(RobotsFile file, Predicate<String> agents, String path) {
        Line deciding = null;
        int longest = -1;
        for (Line line : file.lines(agents)) {
            boolean disallow = line.name().equals("disallow");
            if (!disallow && !line.name().equals("allow") || line.value().isEmpty()) {
                continue;
            }
            PathPattern pattern = new PathPattern(line.value());
            // A pattern by extension says nothing about a query behind it.
            boolean matches = pattern.matches(path) || pattern.matches(withoutQuery(path));
            if (matches && (pattern.length() > longest || (pattern.length() == longest && disallow))) {
                longest = pattern.length();
                deciding = disallow ? line : null;
            }
        }
        return deciding;
    }

    private static String withoutQuery(String path) {
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
    }
}
