package atelier.evaluation.audit.detect;

import atelier.common.image.Pixels;
import atelier.evaluation.features.ConvolutionalGraph;
import java.util.List;

/**
 * SSCD's vectors (Pizzi et al. 2022), by which a published similarity tells copies.
 *
 * @param network stays the caller's
 */
public record SscdEmbedding(ConvolutionalGraph network) implements PictureEmbedding {
    @Override
    public float[][] of(List<Pixels> pictures) {
        return network.embeddings(pictures);
    }

    @Override
    public boolean sscd() {
        return true;
    }
}
