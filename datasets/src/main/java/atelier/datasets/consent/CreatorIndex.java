package atelier.datasets.consent;

import atelier.datasets.consent.embedded.EmbeddedSignals.Said;
import atelier.datasets.consent.keys.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds listed names in what is written about the training set: creators, captions, trigger words. Texts are indexed by
 * word; a name is looked for in the texts that hold its rarest word, so a list of any length streams past at constant
 * memory.
 */
final class CreatorIndex {
    private final List<Text> texts = new ArrayList<>();
    private final Map<String, Postings> words = new HashMap<>();

    /**
     * A text about a picture.
     *
     * @param subject the picture, or null for a text about all of them, such as a trigger word
     * @param where what the text is: "the row", "the caption"
     */
    record Text(@Nullable Subject subject, String where, List<String> words) {}

    /** Takes the texts in which a name stands. */
    interface Found {
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

    void addCreators(Subject subject) {
        for (Said creator : subject.creators()) {
            for (String order : Names.orders(creator.text())) {
                add(subject, creator.where() + " names '" + creator.text() + "'", order);
            }
        }
    }

    void addCaptions(Subject subject) {
        subject.pair().captions().forEach(caption -> add(subject, "the caption names them", caption));
    }

    void addForAll(String where, String text) {
        add(null, where, text);
    }

    private void add(@Nullable Subject subject, String where, String text) {
        List<String> split = Names.words(text);
        List<String> kept = new ArrayList<>(split.size());
        int id = texts.size();
        for (String word : split) {
            Postings postings = words.get(word);
            if (postings == null) {
                postings = new Postings();
                words.put(word, postings);
            }
            postings.add(id);
            kept.add(word);
        }
        texts.add(new Text(subject, where, kept));
    }

    /** @param name words joined by single spaces, as lists hold them */
    void find(String name, Found found) {
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
