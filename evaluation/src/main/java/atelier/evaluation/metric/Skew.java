package atelier.evaluation.metric;

import atelier.evaluation.statistics.Interval;
import atelier.evaluation.statistics.Rates;
import atelier.evaluation.statistics.Vectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What neutral prompts bring: each generation lends the caption of the training picture that it resembles most, and words
 * in those captions are counted against the training captions' own frequency. It is reported, not judged.
 */
public final class Skew {
    private final List<Set<String>> captions;
    private final List<float[]> embeddings;
    private final double confidence;

    /**
     * A word's frequencies.
     *
     * @param word in lower case
     * @param captions share of training captions that have it
     * @param drawn share of generations that resemble a picture with it, with Wilson's interval
     */
    public record Word(String word, double captions, Interval drawn) {
        /** Whether the training captions' share lies outside the interval. */
        public boolean shifted() {
            return drawn.excludes(captions);
        }
    }

    /**
     * @param captions of the training pictures
     * @param embeddings of the same pictures
     */
    public Skew(List<String> captions, List<float[]> embeddings, double confidence) {
        this.captions = captions.stream().map(Skew::words).toList();
        this.embeddings = List.copyOf(embeddings);
        this.confidence = confidence;
    }

    /**
     * Counts.
     *
     * @param drawn embeddings of generations over neutral prompts
     * @param attributes words that are reported whenever captions have them
     * @param most how many further words, the most shifted ones, are reported
     */
    public List<Word> count(List<float[]> drawn, List<String> attributes, int most) {
        List<Set<String>> lent = drawn.stream().map(this::nearest).toList();
        Set<String> every = new TreeSet<>();
        captions.forEach(every::addAll);
        List<Word> found = new ArrayList<>();
        for (String word : every) {
            long hits = lent.stream().filter(words -> words.contains(word)).count();
            long own = captions.stream().filter(words -> words.contains(word)).count();
            found.add(new Word(word, (double) own / captions.size(), Rates.wilson(hits, lent.size(), confidence)));
        }
        found.sort(
                Comparator.comparingDouble((Word word) -> Math.abs(word.drawn().value() - word.captions()))
                        .reversed());
        List<Word> kept = new ArrayList<>();
        int others = 0;
        for (Word word : found) {
            if (attributes.contains(word.word())) {
                kept.add(word);
            } else if (word.shifted() && others < most) {
                kept.add(word);
                others++;
            }
        }
        return kept;
    }

    private Set<String> nearest(float[] drawn) {
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < embeddings.size(); i++) {
            double similarity = Vectors.cosine(drawn, embeddings.get(i));
            if (similarity > most) {
                most = similarity;
                best = i;
            }
        }
        return captions.get(best);
    }

    private static Set<String> words(String caption) {
        Set<String> words = new HashSet<>();
        for (String word : caption.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }
}
