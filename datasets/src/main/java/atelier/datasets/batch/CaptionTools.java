package atelier.datasets.batch;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.SetSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;

/** Makes the caption that an example is trained with. */
public final class CaptionTools {
    /** Tokens of a caption that one window of the text encoder holds; start and end take two more. */
    public static final int WINDOW = 75;

    private final CaptionSettings general;
    /** By what a pair's set says; most often there is one. */
    private final Map<SetSettings, Rules> rules = new ConcurrentHashMap<>();

    public CaptionTools(CaptionSettings settings) {
        this.general = settings;
    }

    /** Settings with the patterns that they need. */
    private record Rules(CaptionSettings settings, Pattern separator, Pattern trigger) {
        static Rules of(CaptionSettings settings) {
            return new Rules(
                    settings,
                    Pattern.compile(Pattern.quote(settings.tagSeparator().strip())),
                    Pattern.compile(
                            "(?<![\\p{L}\\p{N}])" + Pattern.quote(settings.triggerWord()) + "(?![\\p{L}\\p{N}])",
                            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE));
        }

        boolean drawsTags() {
            return settings.shuffleTags() || settings.tagDropout() > 0;
        }
    }

    private Rules rules(Pair pair) {
        return rules.computeIfAbsent(pair.set(), set -> Rules.of(general.with(set)));
    }

    /** The caption for these draws: chosen, shuffled, thinned, then prefix, suffix and trigger word; or empty. */
    public String caption(Pair pair, Draws draws) {
        CaptionSettings settings = rules(pair).settings();
        List<String> captions = pair.captions();
        String chosen = switch (settings.alternatives()) {
            case FIRST -> captions.get(0);
            case RANDOM -> captions.get(draws.nextInt(captions.size()));
        };
        boolean dropped = draws.chance(settings.dropout());
        return dropped ? "" : dress(tags(chosen, rules(pair), draws), pair);
    }

    /** The main caption with prefix, suffix and trigger word, as it is when nothing is drawn. */
    public String plain(Pair pair) {
        return dress(pair.caption(), pair);
    }

    /** Every caption that {@link #caption} may give, when nothing about tags is drawn. */
    public List<String> possible(Pair pair) {
        CaptionSettings settings = rules(pair).settings();
        List<String> all = new ArrayList<>();
        for (String caption : pair.captions()) {
            all.add(dress(caption, pair));
            if (settings.alternatives() == Alternatives.FIRST) {
                break;
            }
        }
        if (settings.dropout() > 0) {
            all.add("");
        }
        return all;
    }

    /** Whether tags of any pair are shuffled or dropped, so that {@link #possible} cannot list what comes. */
    public boolean drawsTags(List<Pair> pairs) {
        return pairs.stream().anyMatch(pair -> rules(pair).drawsTags());
    }

    /**
     * Captions that the text encoder cuts off.
     *
     * @param tokens counts a caption's tokens without start and end
     * @param windows how many windows of 75 tokens are encoded
     */
    public List<Finding> tooLong(List<Pair> pairs, ToIntFunction<String> tokens, int windows) {
        int limit = WINDOW * windows;
        List<Finding> findings = new ArrayList<>();
        for (Pair pair : pairs) {
            for (String caption : possible(pair)) {
                int count = surelyFits(caption, limit) ? 0 : tokens.applyAsInt(caption);
                if (count > limit) {
                    int needed = (count + WINDOW - 1) / WINDOW;
                    findings.add(Finding.warning(
                            pair.origin(),
                            pair.image(),
                            "the caption has " + count + " tokens, of which the last " + (count - limit) + " are cut",
                            "shorten it, or set data.max_token_length=" + needed * WINDOW));
                }
            }
        }
        return findings;
    }

    /** A token stands for at least one byte, and ASCII characters are one each: of a million captions few need counting. */
    private static boolean surelyFits(String caption, int limit) {
        return caption.length() <= limit && caption.chars().allMatch(c -> c < 0x80);
    }

    private static String tags(String caption, Rules rules, Draws draws) {
        if (!rules.drawsTags()) {
            return caption;
        }
        CaptionSettings settings = rules.settings();
        String[] tags = Arrays.stream(rules.separator().split(caption))
                .map(String::strip)
                .filter(t -> !t.isEmpty())
                .toArray(String[]::new);
        int keep = Math.min(settings.keepTags(), tags.length);
        String[] free = Arrays.copyOfRange(tags, keep, tags.length);
        if (settings.shuffleTags()) {
            draws.shuffle(free);
        }
        List<String> kept = new ArrayList<>(Arrays.asList(tags).subList(0, keep));
        for (String tag : free) {
            if (!draws.chance(settings.tagDropout())) {
                kept.add(tag);
            }
        }
        return String.join(settings.tagSeparator().strip() + " ", kept);
    }

    private String dress(String caption, Pair pair) {
        Rules rules = rules(pair);
        CaptionSettings settings = rules.settings();
        String dressed = join(join(settings.prefix(), caption), settings.suffix());
        String word = settings.triggerWord();
        // A picture of the class at large must not be bound to the word.
        if (word.isBlank() || pair.isPrior() || rules.trigger().matcher(dressed).find()) {
            return dressed;
        }
        return dressed.isEmpty() ? word : word + settings.tagSeparator().strip() + " " + dressed;
    }

    private static String join(String a, String b) {
        return a.isBlank() ? b.strip() : b.isBlank() ? a.strip() : a.strip() + " " + b.strip();
    }
}
