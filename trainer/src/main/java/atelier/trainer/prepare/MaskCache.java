package atelier.trainer.prepare;

import atelier.datasets.batch.Example;
import atelier.datasets.batch.MaskReader;
import atelier.trainer.cache.CacheFolder;
import atelier.trainer.cache.TensorCache;
import atelier.trainer.objective.Masks;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Masks at the latents' size, made once: kept on disk under the mask's bytes, its picture's placement and the
 * autoencoder's factor, as latents are, so that both always show the same part of the picture the same way round.
 */
public final class MaskCache {
    /** Counts up when masks change with the code that brings them to the latents' size. */
    private static final String VERSION = "2";

    private final MaskReader reader;
    private final TensorCache disk;
    private final Map<String, String> digests = new ConcurrentHashMap<>();

    public MaskCache(MaskReader reader, CacheFolder caches) throws IOException {
        this.reader = reader;
        this.disk = caches.of("masks", VERSION);
    }

    /**
     * An example's mask.
     *
     * @param height of the latents
     * @return row-major [height, width of the latents], from 0 (does not count) to 1
     */
    float[] mask(Example example, int height) throws IOException {
        int factor = example.height() / height;
        String key = TensorCache.key(
                "mask", VERSION, digest(example), example.placement().key(), Integer.toString(factor));
        Optional<TensorCache.Entry> known = disk.get(key);
        if (known.isPresent()) {
            return known.get().values();
        }
        float[] pixels = reader.read(example.pair(), example.placement());
        float[] mask = Masks.toLatents(pixels, example.height(), example.width(), factor);
        disk.put(key, mask, height, mask.length / height);
        return mask;
    }

    private String digest(Example example) throws IOException {
        String name = example.pair().image().toString();
        String known = digests.get(name);
        if (known == null) {
            known = reader.digest(example.pair());
            digests.put(name, known);
        }
        return known;
    }
}
