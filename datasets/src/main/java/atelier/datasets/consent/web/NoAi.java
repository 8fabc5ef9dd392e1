package atelier.datasets.consent.web;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directives noai and noimageai, in the header X-Robots-Tag or a meta element robots, in any letter case. A
 * directive may have an agent's name and a colon before it; then it holds for that agent alone. A name does not carry over a
 * comma: servers join fields with commas, so what follows may have been meant for everybody. Where the run is strict, any agent
 * counts, and so do noindex, noimageindex and none.
 */
final class NoAi {
    private static final Set<String> AI = Set.of("noai", "noimageai", "noml", "noimageml");
    private static final Set<String> INDEX = Set.of("noindex", "noimageindex", "none");

    private final boolean strict;

    NoAi(boolean strict) {
        this.strict = strict;
    }

    /** What a header's value says, or null when it does not object. */
    @Nullable
    Signal header(String value) {
        for (String part : value.split(",", -1)) {
            String directive = part.strip().toLowerCase(Locale.ROOT);
            int colon = directive.indexOf(':');
            boolean ours = true;
            if (colon >= 0 && !isDirective(directive.substring(0, colon).strip())) {
                String agent = directive.substring(0, colon).strip();
                ours = strict || agent.isEmpty() || agent.equals("*") || agent.equals("atelier");
                directive = directive.substring(colon + 1).strip();
            }
            if (ours && objects(directive)) {
                return signal("X-Robots-Tag: " + value.strip());
            }
        }
        return null;
    }

    /** What a meta element's content says, or null. */
    @Nullable
    Signal meta(String name, String content) {
        String who = name.strip().toLowerCase(Locale.ROOT);
        boolean ours = who.equals("robots") || who.equals("atelier") || (strict && AiTxt.TRAINING_AGENTS.contains(who));
        for (String directive : content.toLowerCase(Locale.ROOT).split("[,\\s]+", -1)) {
            if (ours && objects(directive)) {
                return signal("<meta name=\"" + who + "\" content=\"" + content.strip() + "\">");
            }
        }
        return null;
    }

    private boolean objects(String directive) {
        return AI.contains(directive) || (strict && INDEX.contains(directive));
    }

    /** Directives that have a colon of their own. */
    private static boolean isDirective(String name) {
        return name.equals("unavailable_after") || name.startsWith("max-");
    }

    private static Signal signal(String quote) {
        return new Signal(Signal.Protocol.NOAI, "'" + quote + "'", 0);
    }
}
