package atelier.trainer.prepare;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.common.file.Sha256;
import atelier.datasets.batch.Example;
import atelier.datasets.batch.Placement;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.HostCopy;
import atelier.trainer.cache.CacheFolder;
import atelier.trainer.cache.TensorCache;
import atelier.trainer.step.LatentSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Moments of pictures' latents, encoded once. Kept on disk under all that they depend on: the picture's bytes, its
 * placement, how it is decoded, the autoencoder's weights, the kind of device, the number of a CPU's threads and the versions of the code between; and in
 * memory while they are few.
 */
public final class LatentCache implements LatentSource {
    /** Numbers held in memory at most: a quarter of a GiB. */
    private static final long MEMORY = 1L << 26;

    /** Counts up when moments change with the code that encodes pictures. */
    private static final String VERSION = "2";

    private final StableDiffusion model;
    private final TensorCache disk;
    private final String encoder;
    private final Map<String, TensorCache.Entry> memory = new ConcurrentHashMap<>();
    private final Map<Pair, String> digests = new ConcurrentHashMap<>();
    private long held;

    /**
     * @param encoderDigest of the autoencoder's weights and configuration, and what it computes in
     * @param decoding how the pictures are decoded
     */
    public LatentCache(StableDiffusion model, CacheFolder caches, String encoderDigest, DecodeSettings decoding)
            throws IOException {
        this.model = model;
        this.encoder =
                TensorCache.key(VERSION, encoderDigest, model.kernels().arithmetic(), ImageDecoder.key(decoding));
        this.disk = caches.of("latents", encoder);
    }

    /** Digest of all that encodes, for caches of what else the autoencoder makes. */
    String encoder() {
        return encoder;
    }

    /** Whether the picture's pixels must be decoded for it. */
    public boolean missing(Pair pair, Placement placement) {
        try {
            return find(key(pair, placement)).isEmpty();
        } catch (IOException e) {
            // Decoding will meet the same file and say what is wrong with it.
            return true;
        }
    }

    @Override
    public TensorCache.Entry moments(Example example) throws IOException {
        String key = key(example.pair(), example.placement());
        Optional<TensorCache.Entry> known = find(key);
        if (known.isPresent()) {
            return known.get();
        }
        TensorCache.Entry made = encode(example);
        disk.put(key, made.values(), made.shape());
        remember(key, made);
        return made;
    }

    /** Encodes pictures of one size together, those that are not known yet. */
    void fill(List<Example> examples) throws IOException {
        Map<String, Example> missing = new LinkedHashMap<>();
        for (Example example : examples) {
            String key = key(example.pair(), example.placement());
            if (find(key).isEmpty()) {
                missing.put(key, example);
            }
        }
        if (missing.isEmpty()) {
            return;
        }
        Iterator<TensorCache.Entry> made = encode(List.copyOf(missing.values())).iterator();
        for (String key : missing.keySet()) {
            TensorCache.Entry entry = made.next();
            disk.put(key, entry.values(), entry.shape());
            remember(key, entry);
        }
    }

    private List<TensorCache.Entry> encode(List<Example> examples) {
        int n = examples.size();
        Example first = examples.get(0);
        float[] all = new float[n * first.requirePixels().length];
        int size = all.length / n;
        for (int i = 0; i < n; i++) {
            System.arraycopy(examples.get(i).requirePixels(), 0, all, i * size, size);
        }
        try (NDManager scope = model.kernels().manager().newSubManager()) {
            NDArray pixels = scope.create(all, new Shape(n, 3, first.height(), first.width()));
            NDList moments = model.autoencoder().moments(scope, pixels);
            float[] means = HostCopy.floats(moments.get(0));
            float[] logVariances = HostCopy.floats(moments.get(1));
            long[] shape = moments.get(0).getShape().getShape();
            int elements = means.length / n;
            List<TensorCache.Entry> entries = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                float[] both = new float[elements * 2];
                System.arraycopy(means, i * elements, both, 0, elements);
                System.arraycopy(logVariances, i * elements, both, elements, elements);
                entries.add(new TensorCache.Entry(both, new long[] {2, shape[1], shape[2], shape[3]}));
            }
            return entries;
        }
    }

    private TensorCache.Entry encode(Example example) {
        return encode(example.requirePixels(), example.height(), example.width());
    }

    /**
     * Moments of a picture, encoded now.
     *
     * @param planes row-major [3, height, width], from -1 to 1
     */
    TensorCache.Entry encode(float[] planes, int height, int width) {
        try (NDManager scope = model.kernels().manager().newSubManager()) {
            NDArray pixels = scope.create(planes, new Shape(1, 3, height, width));
            NDList moments = model.autoencoder().moments(scope, pixels);
            float[] mean = HostCopy.floats(moments.get(0));
            float[] logVariance = HostCopy.floats(moments.get(1));
            float[] both = new float[mean.length * 2];
            System.arraycopy(mean, 0, both, 0, mean.length);
            System.arraycopy(logVariance, 0, both, mean.length, mean.length);
            long[] shape = moments.get(0).getShape().getShape();
            return new TensorCache.Entry(both, new long[] {2, shape[1], shape[2], shape[3]});
        }
    }

    private Optional<TensorCache.Entry> find(String key) throws IOException {
        TensorCache.Entry entry = memory.get(key);
        if (entry != null) {
            return Optional.of(entry);
        }
        Optional<TensorCache.Entry> found = disk.get(key);
        found.ifPresent(value -> remember(key, value));
        return found;
    }

    private synchronized void remember(String key, TensorCache.Entry entry) {
        if (held + entry.values().length <= MEMORY && memory.putIfAbsent(key, entry) == null) {
            held += entry.values().length;
        }
    }

    /** What the moments of a placed picture are known under. */
    String key(Pair pair, Placement placement) throws IOException {
        String digest = digests.get(pair);
        if (digest == null) {
            digest = Sha256.of(pair.content().read());
            digests.put(pair, digest);
        }
        return TensorCache.key("latents", encoder, digest, placement.key());
    }
}
