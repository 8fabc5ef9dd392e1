package atelier.evaluation.features;

import atelier.common.image.Pixels;
import java.util.List;

/** A network that turns pictures into numbers that can be compared. */
public interface FeatureNetwork extends AutoCloseable {
    /** Where the weights come from, and their licence. */
    String source();

    /** Looks at pictures of any size; each is brought to the network's own. */
    List<Features> features(List<Pixels> pictures);

    /** The embeddings alone, one row a picture. */
    default float[][] embeddings(List<Pixels> pictures) {
        return features(pictures).stream().map(Features::embedding).toArray(float[][]::new);
    }

    /** Frees the weights. */
    @Override
    void close();
}
