package atelier.evaluation.metric;

import atelier.evaluation.statistics.Vectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Does a picture show what its prompt says? Its embedding is compared with reference pictures of known captions, several
 * hands' drawings of each where there are any; the rank of its own caption says how well it is recognised.
 */
public final class Retrieval {
    private final Map<String, List<float[]>> references = new LinkedHashMap<>();

    /** Adds a reference picture. */
    public void add(String caption, float[] embedding) {
        references.computeIfAbsent(caption, key -> new ArrayList<>()).add(embedding);
    }

    /** Distinct captions: a guess ranks at half of them on average. */
    public int captions() {
        return references.size();
    }

    public boolean knows(String caption) {
        return references.containsKey(caption);
    }

    /** The rank, from 1, of a caption among all by the cosine to its most similar reference. */
    public int rank(float[] embedding, String caption) {
        double own = similarity(embedding, caption);
        return 1
                + (int) references.keySet().stream()
                        .filter(other -> !other.equals(caption) && similarity(embedding, other) > own)
                        .count();
    }

    /** The caption of the most similar reference. */
    public String nearest(float[] embedding) {
        return references.keySet().stream()
                .max(Comparator.comparingDouble(caption -> similarity(embedding, caption)))
                .orElseThrow(() -> new IllegalStateException("there is no reference picture"));
    }

    private double similarity(float[] embedding, String caption) {
        List<float[]> own = references.get(caption);
        if (own == null) {
            throw new IllegalArgumentException("there is no reference picture of '" + caption + "'");
        }
        return own.stream()
                .mapToDouble(reference -> Vectors.cosine(embedding, reference))
                .max()
                .orElseThrow();
    }
}
