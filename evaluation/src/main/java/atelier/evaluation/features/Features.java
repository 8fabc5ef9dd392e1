package atelier.evaluation.features;

import java.util.List;

/**
 * What a network sees in one picture.
 *
 * @param embedding pooled over the picture: its content
 * @param style statistics of inner layers, without regard to place: its manner
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never compared
public record Features(float[] embedding, List<LayerStyle> style) {
    public Features {
        style = List.copyOf(style);
    }

    /**
     * One layer's statistics over a picture.
     *
     * @param layer the layer's name
     * @param mean of each channel, [C]
     * @param variance of each channel, [C], divided by the number of places
     * @param gram products of channels, f f^T / (C H W), [C, C] by rows
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record LayerStyle(String layer, float[] mean, float[] variance, float[] gram) {}
}
