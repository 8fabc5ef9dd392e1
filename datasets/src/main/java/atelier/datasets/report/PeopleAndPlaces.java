package atelier.datasets.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Counts captions that speak of women and men, of ages, of looks and of places, so that a skew shows: a caption counts
 * once for each group of which it has a word. The words are in people-and-places.txt; they are English, and a caption
 * that shows people without saying so is not counted.
 */
public final class PeopleAndPlaces {
    private static final String WORDS = "people-and-places.txt";
    private static final Pattern BREAKS = Pattern.compile("[^\\p{L}\\p{N}']+");

    private final Map<String, List<Phrase>> byFirstWord = new HashMap<>();
    private final Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();

    private record Phrase(String section, String group, List<String> words) {}

    PeopleAndPlaces() {
        try (InputStream in = PeopleAndPlaces.class.getResourceAsStream(WORDS)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + WORDS + " is missing");
            }
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                reader.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).forEach(this::group);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code section / group: phrase, phrase}. */
    private void group(String line) {
        String[] parts = line.split("[/:]", 3);
        String section = parts[0].strip();
        String group = parts[1].strip();
        counts.computeIfAbsent(section, s -> new LinkedHashMap<>()).putIfAbsent(group, 0);
        for (String phrase : parts[2].split(",")) {
            List<String> words = words(phrase);
            byFirstWord.computeIfAbsent(words.get(0), w -> new ArrayList<>()).add(new Phrase(section, group, words));
        }
    }

    void add(String caption) {
        List<String> words = words(caption);
        Set<Phrase> found = new LinkedHashSet<>();
        Set<String> groups = new LinkedHashSet<>();
        for (int i = 0; i < words.size(); i++) {
            for (Phrase phrase : byFirstWord.getOrDefault(words.get(i), List.of())) {
                int end = i + phrase.words().size();
                if (end <= words.size() && words.subList(i, end).equals(phrase.words())) {
                    found.add(phrase);
                }
            }
        }
        for (Phrase phrase : found) {
            if (groups.add(phrase.section() + "/" + phrase.group())) {
                Map<String, Integer> section = counts.getOrDefault(phrase.section(), Map.of());
                section.merge(phrase.group(), 1, Integer::sum);
            }
        }
    }

    /** Section to group to captions, in the word list's order, groups that never come up included. */
    public Map<String, Map<String, Integer>> counts() {
        return counts;
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        for (String word : BREAKS.split(text.toLowerCase(Locale.ROOT))) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }
}
