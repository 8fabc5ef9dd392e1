package atelier.trainer;

import atelier.datasets.batch.Example;
import atelier.datasets.batch.Placement;
import atelier.datasets.cache.TensorCache;
import java.io.IOException;
import java.util.List;

/**
 * What one forward pass works on: noised latents, the steps they were noised to, what the network should predict, and
 * the text. All of one size.
 *
 * @param noisy row-major [n, channels, h, w]
 * @param target the same shape
 * @param timesteps one an example
 * @param text of all examples
 * @param sizes SDXL's [n, 6]: original height and width, crop top and left, target height and width
 * @param weights the examples' own weights in the loss
 * @param shape [n, channels, h, w]
 */
@SuppressWarnings("ArrayRecordComponent") // carried to tensors, never compared
record StepPlan(
        float[] noisy, float[] target, int[] timesteps, StepText text, float[] sizes, double[] weights, long[] shape) {

    /**
     * Noises a batch. Example i of a step draws from streams of (seed, step, position), so that a batch cut in two by
     * gradient accumulation sees the same noise.
     *
     * @param position of the batch's first example in the step
     */
    static StepPlan of(
            List<Example> examples,
            long seed,
            long step,
            int position,
            LatentCache latents,
            StepText.Source text,
            NoiseMixer mixer)
            throws IOException {
        int n = examples.size();
        TensorCache.Entry first = latents.moments(examples.get(0));
        int elements = first.values().length / 2;
        float[] noisy = new float[n * elements];
        float[] target = new float[n * elements];
        int[] timesteps = new int[n];
        double[] weights = new double[n];
        float[] sizes = new float[n * 6];
        List<String> captions = examples.stream().map(Example::caption).toList();
        for (int i = 0; i < n; i++) {
            Example example = examples.get(i);
            TensorCache.Entry moments = i == 0 ? first : latents.moments(example);
            StepNoise.Stream stream = new StepNoise.Stream(seed, step, position + i);
            NoiseMixer.Noised noised = mixer.noise(moments.values(), moments.shape(), stream);
            System.arraycopy(noised.noisy(), 0, noisy, i * elements, elements);
            System.arraycopy(noised.target(), 0, target, i * elements, elements);
            timesteps[i] = noised.timestep();
            weights[i] = example.pair().weight();
            System.arraycopy(sizes(example.placement()), 0, sizes, i * 6, 6);
        }
        long[] shape = {n, first.shape()[1], first.shape()[2], first.shape()[3]};
        return new StepPlan(noisy, target, timesteps, text.of(captions), sizes, weights, shape);
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
