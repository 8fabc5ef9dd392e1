package atelier.trainer.prepare;

import atelier.common.image.PixelPlanes;
import atelier.datasets.batch.Example;
import atelier.datasets.batch.MaskReader;
import atelier.datasets.batch.Placement;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.model.StableDiffusion;
import atelier.trainer.cache.CacheFolder;
import atelier.trainer.cache.TensorCache;
import atelier.trainer.step.RandomMask;
import atelier.trainer.step.StepNoise;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What an inpainting network takes beside noisy latents (Rombach et al. 2022): a mask, 1 where it is to paint, at the
 * latents' size, and the latents of the picture with grey in place of what the mask covers. As in diffusers' example
 * script, the mask is taken at the first pixel of each latent, and the latents are a draw of the encoder's distribution.
 */
public final class InpaintingInputs {
    private final LatentCache latents;
    private final TensorCache disk;
    private final @Nullable MaskReader own;
    private final int factor;
    private final float scale;

    /**
     * @param latents encodes pictures
     * @param own reads the pictures' own masks; null for random ones, which prior-preservation pictures always have
     */
    public InpaintingInputs(StableDiffusion model, LatentCache latents, CacheFolder caches, @Nullable MaskReader own)
            throws IOException {
        this.latents = latents;
        this.disk = caches.of("inpainting", latents.encoder());
        this.own = own;
        this.factor = model.autoencoderConfig().factor();
        this.scale = (float) model.autoencoderConfig().scalingFactor();
    }

    /** Whether a picture's pixels must be decoded: always where its mask is another one each time. */
    public boolean missing(Pair pair, Placement placement) {
        MaskReader reader = reader(pair);
        if (reader == null || latents.missing(pair, placement)) {
            return true;
        }
        try {
            return disk.get(key(reader, pair, placement)).isEmpty();
        } catch (IOException e) {
            // Decoding will meet the same file and say what is wrong with it.
            return true;
        }
    }

    private @Nullable MaskReader reader(Pair pair) {
        return pair.isPrior() ? null : own;
    }

    /**
     * The further input channels of examples of one size.
     *
     * @param streams of the examples, by their place
     * @return row-major [n, 1 + channels, h, w]
     */
    public float[] of(List<Example> examples, IntFunction<StepNoise.Stream> streams) throws IOException {
        float[] all = new float[0];
        for (int i = 0; i < examples.size(); i++) {
            float[] each = of(examples.get(i), streams.apply(i));
            all = i == 0 ? new float[each.length * examples.size()] : all;
            System.arraycopy(each, 0, all, i * each.length, each.length);
        }
        return all;
    }

    private float[] of(Example example, StepNoise.Stream stream) throws IOException {
        int width = example.width();
        int height = example.height();
        MaskReader reader = reader(example.pair());
        float[] mask = reader == null
                ? RandomMask.draw(width, height, stream.mask()).pixels(width, height)
                : hard(reader.read(example.pair(), example.placement()));
        TensorCache.Entry moments = reader == null
                ? latents.encode(without(example.requirePixels(), mask), height, width)
                : cached(reader, example, mask);
        float[] draw = stream.maskedSample().normal(moments.values().length / 2);
        return joined(PixelPlanes.nearest(mask, width, height, factor), moments, draw);
    }

    /** A mask at the latents' size, and a draw of the masked picture's latents. */
    float[] joined(float[] small, TensorCache.Entry moments, float[] draw) {
        int elements = draw.length;
        float[] conditions = new float[small.length + elements];
        System.arraycopy(small, 0, conditions, 0, small.length);
        for (int i = 0; i < elements; i++) {
            float deviation = (float) Math.exp(0.5f * moments.values()[elements + i]);
            conditions[small.length + i] = (moments.values()[i] + deviation * draw[i]) * scale;
        }
        return conditions;
    }

    private TensorCache.Entry cached(MaskReader reader, Example example, float[] mask) throws IOException {
        String key = key(reader, example.pair(), example.placement());
        Optional<TensorCache.Entry> known = disk.get(key);
        if (known.isPresent()) {
            return known.get();
        }
        TensorCache.Entry made =
                latents.encode(without(example.requirePixels(), mask), example.height(), example.width());
        disk.put(key, made.values(), made.shape());
        return made;
    }

    private String key(MaskReader reader, Pair pair, Placement placement) throws IOException {
        return TensorCache.key("inpainting", latents.key(pair, placement), reader.digest(pair));
    }

    /** A mask covers a pixel or not. */
    private static float[] hard(float[] mask) {
        float[] hard = new float[mask.length];
        for (int i = 0; i < hard.length; i++) {
            hard[i] = mask[i] < 0.5f ? 0 : 1;
        }
        return hard;
    }

    /** The picture, grey where the mask covers it. */
    static float[] without(float[] planes, float[] mask) {
        float[] kept = new float[planes.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = mask[i % mask.length] < 0.5f ? planes[i] : 0;
        }
        return kept;
    }
}
