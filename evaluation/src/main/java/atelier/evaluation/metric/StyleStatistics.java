package atelier.evaluation.metric;

import atelier.evaluation.features.Features;
import atelier.evaluation.features.Features.LayerStyle;
import java.util.List;

/**
 * A picture's style as one vector: each channel's mean and deviation over the picture, and the correlations of all pairs of
 * channels. These are the contents of the layers' Gram matrices (Gatys et al., 2016) taken apart, so that how much of a
 * picture is drawn on enters the means and deviations alone.
 */
public final class StyleStatistics {
    /** Wider layers see motifs more than strokes, and have more pairs of channels than there are references. */
    private static final int MOST_CHANNELS = 64;
    /** This share of the layer's mean variance is added to each variance: a channel that is silent correlates with none. */
    private static final double SILENT = 1e-4;

    private StyleStatistics() {}

    /** The vector of a picture, [sum over the layers of 2 C + C (C - 1) / 2]. */
    public static double[] of(Features picture) {
        List<LayerStyle> layers = picture.style().stream()
                .filter(layer -> layer.mean().length <= MOST_CHANNELS)
                .toList();
        double[] values = new double
                [layers.stream()
                        .mapToInt(
                                layer -> 2 * layer.mean().length + layer.mean().length * (layer.mean().length - 1) / 2)
                        .sum()];
        int at = 0;
        for (LayerStyle layer : layers) {
            at = put(layer, values, at);
        }
        return values;
    }

    private static int put(LayerStyle layer, double[] values, int from) {
        int channels = layer.mean().length;
        double[] deviation = new double[channels];
        double added = 0;
        for (float variance : layer.variance()) {
            added += SILENT * Math.max(0, variance) / channels;
        }
        int at = from;
        for (int i = 0; i < channels; i++) {
            double variance = Math.max(0, layer.variance()[i]);
            values[at++] = layer.mean()[i];
            values[at++] = Math.sqrt(variance);
            deviation[i] = Math.sqrt(Math.max(variance + added, Float.MIN_NORMAL));
        }
        for (int i = 0; i < channels; i++) {
            for (int j = 0; j < i; j++) {
                // The Gram matrix is divided by C H W.
                double product = (double) layer.gram()[i * channels + j] * channels;
                double covariance = product - (double) layer.mean()[i] * layer.mean()[j];
                values[at++] = covariance / (deviation[i] * deviation[j]);
            }
        }
        return at;
    }
}
