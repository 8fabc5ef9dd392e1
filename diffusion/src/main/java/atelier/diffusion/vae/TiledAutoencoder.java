package atelier.diffusion.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.HostCopy;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes and decodes pictures of any size in tiles that overlap, so that memory depends on the tile alone. Where tiles
 * overlap, their values fade from one into the other in a straight line. Group norms and attention see a tile and not the
 * whole picture, so the result differs from the autoencoder's own a little; pictures of one tile do not differ.
 */
public final class TiledAutoencoder {
    /** A quarter of a tile lies over the next one. */
    private static final int OVERLAP = 4;

    private final Autoencoder autoencoder;
    private final int tile;
    private final int factor;
    private final int channels;

    /**
     * @param autoencoder stays the caller's
     * @param tile side of a tile in pixels; brought down to a multiple of four latents
     */
    public TiledAutoencoder(Autoencoder autoencoder, int tile) {
        this.autoencoder = autoencoder;
        this.factor = autoencoder.config().factor();
        this.channels = autoencoder.config().latentChannels();
        this.tile = tile / factor / OVERLAP * OVERLAP;
        if (this.tile < OVERLAP) {
            throw new WrongCommandException("vae_tile must be at least " + OVERLAP * factor + ", got " + tile);
        }
    }

    /** A stretch of one side: where it begins, and its length. */
    private record Span(int from, int length) {}

    /**
     * A picture of latents.
     *
     * @param latents scaled, [channels, height, width]
     * @return [3, height * factor, width * factor]
     */
    public float[] decode(NDManager scope, float[] latents, int height, int width) {
        Blend blend = new Blend(3, height * factor, width * factor, fade() * factor);
        for (Span y : spans(height)) {
            for (Span x : spans(width)) {
                float[] part = cut(latents, channels, height, width, y, x);
                try (NDArray input = scope.create(part, new Shape(1, channels, y.length(), x.length()));
                        NDArray pixels = autoencoder.decode(scope, input)) {
                    blend.add(HostCopy.floats(pixels), times(y), times(x));
                }
            }
        }
        return blend.result();
    }

    /**
     * One sample of the latents' distribution.
     *
     * @param picture [3, height * factor, width * factor] in [-1, 1]
     * @param noise standard normal, [channels, height, width]
     * @return scaled latents, [channels, height, width]
     */
    public float[] encode(NDManager scope, float[] picture, float[] noise, int height, int width) {
        Blend means = new Blend(channels, height, width, fade());
        Blend logVariances = new Blend(channels, height, width, fade());
        for (Span y : spans(height)) {
            for (Span x : spans(width)) {
                float[] part = cut(picture, 3, height * factor, width * factor, times(y), times(x));
                try (NDArray input =
                        scope.create(part, new Shape(1, 3, (long) y.length() * factor, (long) x.length() * factor))) {
                    NDList moments = autoencoder.moments(scope, input);
                    means.add(HostCopy.floats(moments.get(0)), y, x);
                    logVariances.add(HostCopy.floats(moments.get(1)), y, x);
                    moments.forEach(NDArray::close);
                }
            }
        }
        float[] mean = means.result();
        float[] logVariance = logVariances.result();
        float scale = (float) autoencoder.config().scalingFactor();
        float[] latents = new float[mean.length];
        for (int i = 0; i < latents.length; i++) {
            latents[i] = scale * (mean[i] + (float) Math.exp(0.5 * logVariance[i]) * noise[i]);
        }
        return latents;
    }

    private int fade() {
        return tile / OVERLAP;
    }

    private Span times(Span span) {
        return new Span(span.from() * factor, span.length() * factor);
    }

    /** Tiles along a side, all of one length; the last one lies over its neighbour as far as it must. */
    private List<Span> spans(int side) {
        List<Span> spans = new ArrayList<>();
        if (side <= tile) {
            spans.add(new Span(0, side));
            return spans;
        }
        for (int from = 0; ; from += tile - fade()) {
            if (from + tile >= side) {
                spans.add(new Span(side - tile, tile));
                return spans;
            }
            spans.add(new Span(from, tile));
        }
    }

    private static float[] cut(float[] planes, int count, int height, int width, Span y, Span x) {
        float[] part = new float[count * y.length() * x.length()];
        for (int row = 0; row < count * y.length(); row++) {
            int from = (row / y.length() * height + y.from() + row % y.length()) * width + x.from();
            System.arraycopy(planes, from, part, row * x.length(), x.length());
        }
        return part;
    }

    /** Sums tiles by weights that fall towards edges at which there is a neighbour. */
    private static final class Blend {
        private final int planes;
        private final int height;
        private final int width;
        private final int fade;
        private final float[] sums;
        private final float[] weights;

        Blend(int planes, int height, int width, int fade) {
            this.planes = planes;
            this.height = height;
            this.width = width;
            this.fade = fade;
            sums = new float[planes * height * width];
            weights = new float[height * width];
        }

        void add(float[] part, Span y, Span x) {
            for (int row = 0; row < y.length(); row++) {
                float rowWeight = weight(row, y, height);
                for (int column = 0; column < x.length(); column++) {
                    float weight = rowWeight * weight(column, x, width);
                    int at = (y.from() + row) * width + x.from() + column;
                    weights[at] += weight;
                    for (int plane = 0; plane < planes; plane++) {
                        sums[plane * height * width + at] +=
                                weight * part[(plane * y.length() + row) * x.length() + column];
                    }
                }
            }
        }

        private float weight(int at, Span span, int side) {
            float weight = 1;
            if (span.from() > 0) {
                weight = Math.min(weight, (at + 0.5f) / fade);
            }
            if (span.from() + span.length() < side) {
                weight = Math.min(weight, (span.length() - at - 0.5f) / fade);
            }
            return weight;
        }

        float[] result() {
            float[] result = sums.clone();
            for (int i = 0; i < result.length; i++) {
                result[i] /= weights[i % weights.length];
            }
            return result;
        }
    }
}
