package atelier.evaluation.audit.detect;

import atelier.common.image.Pixels;
import atelier.datasets.hash.Pdq;
import atelier.evaluation.statistics.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pictures by their features and perceptual digests, for the question which of them a generation replicates (Somepalli et
 * al., "Diffusion art or digital forgery?", 2023).
 */
public final class TrainingIndex {
    private final List<float[]> features;
    private final List<Pdq> digests;

    private TrainingIndex(List<float[]> features, List<Pdq> digests) {
        this.features = features;
        this.digests = digests;
    }

    public static TrainingIndex of(List<Pixels> pictures, PictureEmbedding embedding) {
        return new TrainingIndex(
                Arrays.stream(embedding.of(pictures)).map(Vectors::unit).toList(),
                pictures.stream().map(Pdq::of).toList());
    }

    /**
     * A generation as it is compared.
     *
     * @param features of length 1
     * @param positions the digests in all eight positions
     */
    @SuppressWarnings("ArrayRecordComponent") // shared, never compared
    public record Probe(float[] features, List<Pdq> positions) {}

    /** Generations made ready for {@link #similarity} and {@link #bits}. */
    public static List<Probe> probes(List<Pixels> pictures, PictureEmbedding embedding) {
        float[][] features = embedding.of(pictures);
        List<Probe> probes = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i++) {
            probes.add(new Probe(Vectors.unit(features[i]), Pdq.positions(pictures.get(i))));
        }
        return probes;
    }

    public int size() {
        return features.size();
    }

    /** The cosine of the angle between a generation's features and a picture's. */
    public double similarity(Probe probe, int picture) {
        return Vectors.dot(probe.features(), features.get(picture));
    }

    /** The picture that a generation is most similar to. */
    public int nearest(Probe probe) {
        int best = 0;
        for (int i = 1; i < size(); i++) {
            if (similarity(probe, i) > similarity(probe, best)) {
                best = i;
            }
        }
        return best;
    }

    /**
     * The least number of bits in which the digests differ over the eight positions; all 256 where either picture has too
     * little structure for a digest to tell.
     */
    public int bits(Probe probe, int picture) {
        Pdq digest = digests.get(picture);
        if (!digest.comparable()) {
            return Pdq.BITS;
        }
        int least = Pdq.BITS;
        for (Pdq position : probe.positions()) {
            if (position.comparable()) {
                least = Math.min(least, digest.distance(position));
            }
        }
        return least;
    }

    /** The similarity of each of some pictures to the nearest other one of them: what likeness means among originals. */
    public List<Double> background(int[] pictures) {
        List<Double> nearest = new ArrayList<>();
        for (int i : pictures) {
            double most = -1;
            for (int j : pictures) {
                if (i != j) {
                    most = Math.max(most, Vectors.dot(features.get(i), features.get(j)));
                }
            }
            nearest.add(most);
        }
        return nearest;
    }
}
