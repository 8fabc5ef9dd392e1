package atelier.trainer.prepare;

import atelier.common.file.Sha256;
import atelier.datasets.batch.CaptionSettings;
import atelier.datasets.batch.CaptionTools;
import atelier.datasets.pairs.Pair;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Prompts for samples, from the captions of the pictures that may be trained on.
 *
 * @param trained captions that are trained on
 * @param unseen captions that are held out, or where none is, two trained ones joined
 * @param heldOut whether {@code unseen} are held out
 */
public record SamplePrompts(List<String> trained, List<String> unseen, boolean heldOut) {
    private static final int EACH = 2;
    private static final int SHOWN = 60;

    /**
     * Chooses.
     *
     * @param data how captions are written
     * @param seed what the choice follows from, and from the captions alone: not from the order of the pictures
     */
    public static SamplePrompts choose(JudgedPairs pairs, CaptionSettings data, long seed) {
        List<Pair> own =
                pairs.training().stream().filter(pair -> !pair.isPrior()).toList();
        List<String> captions = captions(own, data, seed);
        List<String> trained = captions.subList(0, Math.min(EACH, captions.size()));
        List<String> heldOut = new ArrayList<>(captions(pairs.heldOut(), data, seed));
        heldOut.removeAll(captions);
        if (!heldOut.isEmpty()) {
            return new SamplePrompts(trained, heldOut.subList(0, Math.min(EACH, heldOut.size())), true);
        }
        List<String> joined = new ArrayList<>();
        for (int i = 0; i < EACH && captions.size() > 1; i++) {
            String first = captions.get((EACH + 2 * i) % captions.size());
            String second = captions.get((EACH + 2 * i + 1) % captions.size());
            String both = first + ", " + second;
            if (!first.equals(second) && !captions.contains(both) && !joined.contains(both)) {
                joined.add(both);
            }
        }
        return new SamplePrompts(trained, joined, false);
    }

    /** The distinct captions, in an order that the seed decides. */
    private static List<String> captions(List<Pair> pairs, CaptionSettings data, long seed) {
        CaptionTools tools = new CaptionTools(data);
        Set<String> captions = new LinkedHashSet<>();
        for (Pair pair : pairs) {
            String caption = tools.plain(pair).strip();
            if (!caption.isEmpty()) {
                captions.add(caption);
            }
        }
        return captions.stream()
                .sorted(Comparator.comparing(
                        caption -> Sha256.of((seed + " " + caption).getBytes(StandardCharsets.UTF_8))))
                .toList();
    }

    /** All of them, trained and unseen by turns, so that a few have both; written so that a prompt takes them literally. */
    public List<String> all() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            if (i < trained.size()) {
                all.add(literal(trained.get(i)));
            }
            if (i < unseen.size()) {
                all.add(literal(unseen.get(i)));
            }
        }
        return all;
    }

    /** Brackets would weight words, and a backslash takes the next sign literally. */
    private static String literal(String caption) {
        return caption.replaceAll("[()\\[\\]\\\\]", "\\\\$0");
    }

    /** In one line. */
    public String told() {
        if (trained.isEmpty() && unseen.isEmpty()) {
            return "no picture has a caption to draw samples from; sample.prompts=[...] gives some";
        }
        String others =
                unseen.isEmpty() ? "" : (heldOut ? "; held out: " : "; new, two captions joined: ") + list(unseen);
        return "sample prompts from the captions (sample.prompts=[...] gives others): trained on: " + list(trained)
                + others;
    }

    private static String list(List<String> captions) {
        return String.join(
                " | ",
                captions.stream()
                        .map(each -> each.codePointCount(0, each.length()) <= SHOWN
                                ? each
                                : each.substring(0, each.offsetByCodePoints(0, SHOWN)) + "...")
                        .toList());
    }
}
