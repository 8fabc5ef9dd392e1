package atelier.evaluation.audit;

import atelier.datasets.image.Pixels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** The generations of one rule, each drawn once however often it is asked for. */
final class Portfolio {
    private final BatchArtist artist;
    private final DrawingRule rule;
    private final Map<Draw, Generation> generations = new LinkedHashMap<>();
    private final Map<Draw, Gallery.Probe> probes = new LinkedHashMap<>();

    Portfolio(BatchArtist artist, DrawingRule rule) {
        this.artist = artist;
        this.rule = rule;
    }

    /** Draws what is missing. */
    void draw(List<Draw> draws) {
        List<Draw> missing = new ArrayList<>(new LinkedHashSet<>(draws));
        missing.removeIf(generations::containsKey);
        artist.draw(missing, rule).forEach(drawn -> generations.put(drawn.draw(), drawn));
    }

    /** Makes drawn generations ready for {@link #likeness}. */
    void look(List<Draw> draws, PictureEmbedding embedding) {
        List<Draw> missing = new ArrayList<>(new LinkedHashSet<>(draws));
        missing.removeIf(probes::containsKey);
        List<Gallery.Probe> ready = Gallery.probes(pixels(missing), embedding);
        for (int i = 0; i < missing.size(); i++) {
            probes.put(missing.get(i), ready.get(i));
        }
    }

    /** How near generations that were looked at come to a picture. */
    Likeness likeness(Case asked, Gallery gallery, List<Draw> draws) {
        double similarity = Double.NEGATIVE_INFINITY;
        boolean first = false;
        int bits = Integer.MAX_VALUE;
        for (Draw draw : draws) {
            Gallery.Probe probe = known(probes, draw);
            double cosine = gallery.similarity(probe, asked.index());
            if (cosine > similarity) {
                similarity = cosine;
                first = gallery.nearest(probe) == asked.index();
            }
            bits = Math.min(bits, gallery.bits(probe, asked.index()));
        }
        Pixels nearest = nearest(asked, draws);
        return new Likeness(TiledDistance.between(asked.subject().pixels(), nearest), nearest, similarity, first, bits);
    }

    /** How many generations that were looked at are more similar than a bound to one of some pictures. */
    Share similar(List<Draw> draws, Gallery gallery, int[] pictures, double bound) {
        List<Draw> distinct = draws.stream().distinct().toList();
        int similar = (int) distinct.stream()
                .map(draw -> known(probes, draw))
                .filter(probe ->
                        Arrays.stream(pictures).anyMatch(picture -> gallery.similarity(probe, picture) > bound))
                .count();
        return new Share(similar, distinct.size());
    }

    /** The generation at the least tiled distance to a picture. */
    Pixels nearest(Case asked, List<Draw> draws) {
        Pixels picture = asked.subject().pixels();
        return pixels(draws).stream()
                .min(Comparator.comparingDouble(pixels -> TiledDistance.between(picture, pixels)))
                .orElseThrow();
    }

    List<Pixels> pixels(List<Draw> draws) {
        return draws.stream().map(draw -> known(generations, draw).pixels()).toList();
    }

    /** The mean of what the rule measured. */
    double magnitude(List<Draw> draws) {
        return draws.stream()
                .mapToDouble(draw -> known(generations, draw).magnitude())
                .average()
                .orElse(Double.NaN);
    }

    private static <T> T known(Map<Draw, T> values, Draw draw) {
        T value = values.get(draw);
        if (value == null) {
            throw new IllegalStateException("'" + draw.prompt() + "' was not drawn with seed " + draw.seed());
        }
        return value;
    }
}
