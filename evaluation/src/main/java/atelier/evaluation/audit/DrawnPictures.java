package atelier.evaluation.audit;

import atelier.common.image.Pixels;
import atelier.evaluation.audit.detect.AuditCase;
import atelier.evaluation.audit.detect.PictureEmbedding;
import atelier.evaluation.audit.detect.Share;
import atelier.evaluation.audit.detect.Similarity;
import atelier.evaluation.audit.detect.TiledDistance;
import atelier.evaluation.audit.detect.TrainingIndex;
import atelier.evaluation.audit.draw.BatchDrawer;
import atelier.evaluation.audit.draw.BatchGuidance;
import atelier.evaluation.audit.draw.DrawRequest;
import atelier.evaluation.audit.draw.GeneratedPicture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** The generations of one rule, each drawn once however often it is asked for. */
final class DrawnPictures {
    private final BatchDrawer drawer;
    private final BatchGuidance.Rule rule;
    private final Map<DrawRequest, GeneratedPicture> generations = new LinkedHashMap<>();
    private final Map<DrawRequest, TrainingIndex.Probe> probes = new LinkedHashMap<>();

    DrawnPictures(BatchDrawer drawer, BatchGuidance.Rule rule) {
        this.drawer = drawer;
        this.rule = rule;
    }

    /** Draws what is missing. */
    void draw(List<DrawRequest> draws) throws IOException {
        List<DrawRequest> missing = new ArrayList<>(new LinkedHashSet<>(draws));
        missing.removeIf(generations::containsKey);
        drawer.draw(missing, rule).forEach(drawn -> generations.put(drawn.draw(), drawn));
    }

    /** Makes drawn generations ready for {@link #likeness}. */
    void look(List<DrawRequest> draws, PictureEmbedding embedding) {
        List<DrawRequest> missing = new ArrayList<>(new LinkedHashSet<>(draws));
        missing.removeIf(probes::containsKey);
        List<TrainingIndex.Probe> ready = TrainingIndex.probes(pixels(missing), embedding);
        for (int i = 0; i < missing.size(); i++) {
            probes.put(missing.get(i), ready.get(i));
        }
    }

    /** How near generations that were looked at come to a picture. */
    Similarity likeness(AuditCase asked, TrainingIndex trainingIndex, List<DrawRequest> draws) {
        double similarity = Double.NEGATIVE_INFINITY;
        boolean first = false;
        int bits = Integer.MAX_VALUE;
        for (DrawRequest draw : draws) {
            TrainingIndex.Probe probe = known(probes, draw);
            double cosine = trainingIndex.similarity(probe, asked.index());
            if (cosine > similarity) {
                similarity = cosine;
                first = trainingIndex.nearest(probe) == asked.index();
            }
            bits = Math.min(bits, trainingIndex.bits(probe, asked.index()));
        }
        Pixels nearest = nearest(asked, draws);
        return new Similarity(
                TiledDistance.between(asked.subject().pixels(), nearest), nearest, similarity, first, bits);
    }

    /** How many generations that were looked at are more similar than a bound to one of some pictures. */
    Share similar(List<DrawRequest> draws, TrainingIndex trainingIndex, int[] pictures, double bound) {
        List<DrawRequest> distinct = draws.stream().distinct().toList();
        int similar = (int) distinct.stream()
                .map(draw -> known(probes, draw))
                .filter(probe ->
                        Arrays.stream(pictures).anyMatch(picture -> trainingIndex.similarity(probe, picture) > bound))
                .count();
        return new Share(similar, distinct.size());
    }

    /** The generation at the least tiled distance to a picture. */
    Pixels nearest(AuditCase asked, List<DrawRequest> draws) {
        Pixels picture = asked.subject().pixels();
        return pixels(draws).stream()
                .min(Comparator.comparingDouble(pixels -> TiledDistance.between(picture, pixels)))
                .orElseThrow();
    }

    List<Pixels> pixels(List<DrawRequest> draws) {
        return draws.stream().map(draw -> known(generations, draw).pixels()).toList();
    }

    /** The mean of what the rule measured. */
    double magnitude(List<DrawRequest> draws) {
        return draws.stream()
                .mapToDouble(draw -> known(generations, draw).magnitude())
                .average()
                .orElse(Double.NaN);
    }

    private static <T> T known(Map<DrawRequest, T> values, DrawRequest draw) {
        T value = values.get(draw);
        if (value == null) {
            throw new IllegalStateException("'" + draw.prompt() + "' was not drawn with seed " + draw.seed());
        }
        return value;
    }
}
