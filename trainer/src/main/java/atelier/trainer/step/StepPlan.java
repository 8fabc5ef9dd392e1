package atelier.trainer.step;

import atelier.datasets.batch.Example;
import atelier.datasets.batch.Placement;
import atelier.diffusion.model.TextConditioning;
import atelier.diffusion.noise.Noised;
import atelier.trainer.cache.TensorCache;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one forward pass works on: noised latents, the steps they were noised to, what the network should predict, and
 * the text. All of one size.
 *
 * @param latents noised, and what should be predicted of them
 * @param text of all examples
 * @param sizes SDXL's [n, 6]: original height and width, crop top and left, target height and width
 * @param weights the examples' own weights in the loss
 * @param mask [n, h, w], from 0 (does not count) to 1; null where nothing is masked
 * @param conditions further channels of an inpainting network's input, row-major [n, 1 + channels, h, w]: a mask, and the
 *     latents of the picture without what it covers; null for other networks
 */
@SuppressWarnings("ArrayRecordComponent") // carried to tensors, never compared
public record StepPlan(
        NoisedLatents latents,
        TextConditioning text,
        float[] sizes,
        double[] weights,
        float @Nullable [] mask,
        float @Nullable [] conditions) {
    /** A plan for a network that takes noisy latents alone. */
    public StepPlan(
            NoisedLatents latents, TextConditioning text, float[] sizes, double[] weights, float @Nullable [] mask) {
        this(latents, text, sizes, weights, mask, null);
    }

    /**
     * Noised latents.
     *
     * @param noisy row-major [n, channels, h, w]
     * @param target the same shape
     * @param timesteps one an example
     * @param shape [n, channels, h, w]
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record NoisedLatents(float[] noisy, float[] target, int[] timesteps, long[] shape) {}

    /** The noised latents, row-major. */
    public float[] noisy() {
        return latents.noisy();
    }

    /** The network's input, row-major [n, all channels, h, w]: the noised latents, and after them the conditions. */
    public float[] input() {
        float[] more = conditions;
        if (more == null) {
            return noisy();
        }
        int n = timesteps().length;
        int own = noisy().length / n;
        int added = more.length / n;
        float[] joined = new float[n * (own + added)];
        for (int i = 0; i < n; i++) {
            System.arraycopy(noisy(), i * own, joined, i * (own + added), own);
            System.arraycopy(more, i * added, joined, i * (own + added) + own, added);
        }
        return joined;
    }

    /** What should be predicted, in the latents' shape. */
    public float[] target() {
        return latents.target();
    }

    /** One an example. */
    public int[] timesteps() {
        return latents.timesteps();
    }

    /** [n, channels, h, w]. */
    public long[] shape() {
        return latents.shape();
    }

    /** How one example is noised. */
    @FunctionalInterface
    public interface Noising {
        /**
         * @param moments mean and log-variance of its latents
         * @param shape [2, channels, h, w]
         * @param index the example's place among those given
         */
        Noised of(float[] moments, long[] shape, int index);
    }

    /** Noises examples of one size; all weigh alike, and none is masked. */
    public static StepPlan of(
            List<Example> examples, LatentSource latents, TextConditioning.Source text, Noising noising)
            throws IOException {
        int n = examples.size();
        TensorCache.Entry first = latents.moments(examples.get(0));
        int elements = first.values().length / 2;
        float[] noisy = new float[n * elements];
        float[] target = new float[n * elements];
        int[] timesteps = new int[n];
        float[] sizes = new float[n * 6];
        for (int i = 0; i < n; i++) {
            TensorCache.Entry moments = i == 0 ? first : latents.moments(examples.get(i));
            Noised noised = noising.of(moments.values(), moments.shape(), i);
            System.arraycopy(noised.noisy(), 0, noisy, i * elements, elements);
            System.arraycopy(noised.target(), 0, target, i * elements, elements);
            timesteps[i] = noised.timestep();
            System.arraycopy(sizes(examples.get(i).placement()), 0, sizes, i * 6, 6);
        }
        double[] weights = new double[n];
        Arrays.fill(weights, 1);
        TextConditioning states =
                text.of(examples.stream().map(Example::caption).toList());
        long[] shape = {n, first.shape()[1], first.shape()[2], first.shape()[3]};
        return new StepPlan(new NoisedLatents(noisy, target, timesteps, shape), states, sizes, weights, null);
    }

    /** The same with weights of the examples in the loss, and masks where there are any. */
    public StepPlan weighted(double[] own, float @Nullable [] masks) {
        return new StepPlan(latents, text, sizes, own, masks, conditions);
    }

    /** The same for an inpainting network; null for another. */
    public StepPlan conditioned(float @Nullable [] more) {
        return new StepPlan(latents, text, sizes, weights, mask, more);
    }

    /**
     * What SDXL is told about a picture (Podell et al. 2023, section 2.2): its own size, where the crop begins in the
     * resized picture, and the crop's size. A mirrored picture's crop is as far from the left as it was from the right.
     */
    static float[] sizes(Placement placement) {
        int width = placement.bucket().width();
        int left = placement.flip() ? placement.resizedWidth() - placement.left() - width : placement.left();
        return new float[] {
            placement.originalHeight(),
            placement.originalWidth(),
            placement.top(),
            left,
            placement.bucket().height(),
            width
        };
    }
}
