package atelier.evaluation.audit.detect;

import atelier.common.image.Pixels;
import java.util.List;

/** Features of pictures in which likeness is an angle; a feature network's embeddings fit. */
@FunctionalInterface
public interface PictureEmbedding {
    /** One vector a picture, in order; lengths do not matter. */
    float[][] of(List<Pixels> pictures);

    /** Whether these are SSCD's vectors. */
    default boolean sscd() {
        return false;
    }
}
