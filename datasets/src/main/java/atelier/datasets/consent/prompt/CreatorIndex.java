package atelier.datasets.consent.prompt;

import atelier.datasets.consent.key.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds listed names in some texts: prompts, trigger words. Texts are indexed by word; a name is looked for in the texts
 * that hold its rarest word, so a list of any length streams past at constant memory.
 */
public final class CreatorIndex {
    private final List<Text> texts = new ArrayList<>();
    private final Map<String, Postings> words = new HashMap<>();

    /** @param where what the text is: "the prompt" */
    public record Text(String where, List<String> words) {}

    /** Takes the texts in which a name stands. */
    public interface Found {
        void found(Text text);
    }

    private static final class Postings {
        private int[] ids = new int[2];
        private int size;

        void add(int id) {
            if (size > 0 && ids[size - 1] == id) {
                return;
            }
            if (size == ids.length) {
                ids = Arrays.copyOf(ids, 2 * size);
            }
            ids[size++] = id;
        }
    }

    /** Takes a text under what it is called. */
    public void add(String where, String text) {
        List<String> split = Names.words(text);
        for (String word : split) {
            words.computeIfAbsent(word, w -> new Postings()).add(texts.size());
        }
        texts.add(new Text(where, split));
    }

    /** @param name words joined by single spaces, as lists hold them */
    public void find(String name, Found found) {
        String[] parts = name.split(" ", -1);
        Postings rarest = null;
        for (String part : parts) {
            Postings postings = words.get(part);
            if (postings == null) {
                return;
            }
            if (rarest == null || postings.size < rarest.size) {
                rarest = postings;
            }
        }
        if (rarest == null) {
            return;
        }
        List<String> phrase = Arrays.asList(parts);
        for (int i = 0; i < rarest.size; i++) {
            Text text = texts.get(rarest.ids[i]);
            if (Names.contains(text.words(), phrase)) {
                found.found(text);
            }
        }
    }
}
