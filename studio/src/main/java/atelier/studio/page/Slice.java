package atelier.studio.page;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A page's part of a long list.
 *
 * @param items those that are shown
 * @param number the part's, from 1
 * @param parts how many there are, at least 1
 * @param total items of all parts
 * @param words that were searched for; empty for none
 */
public record Slice<T>(List<T> items, int number, int parts, int total, String words) {
    public Slice {
        items = List.copyOf(items);
    }

    /**
     * The part of a number; the last where there are fewer.
     *
     * @param all of which the words have been searched for already
     * @param most items of a part
     */
    static <T> Slice<T> of(List<T> all, int number, int most, String words) {
        int parts = Math.max(1, (all.size() + most - 1) / most);
        int shown = Math.max(1, Math.min(number, parts));
        return new Slice<>(
                all.subList((shown - 1) * most, Math.min(all.size(), shown * most)), shown, parts, all.size(), words);
    }

    /** The query that leads to another part. */
    public String query(int part) {
        return "?" + (words.isBlank() ? "" : "q=" + URLEncoder.encode(words, StandardCharsets.UTF_8) + "&") + "part="
                + part;
    }
}
