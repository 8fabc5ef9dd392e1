package atelier.datasets.batch;

import atelier.common.image.Pixels;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.decode.ImageSizes;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Batches in training order, prepared ahead on a second thread. What a step holds is a function of the seed and the step,
 * so a source that was sought to a step goes on exactly as one that ran there.
 *
 * <p>An image that turns out broken is reported and the next of its bucket takes its place, or, with data.on_error=fail,
 * ends the run.
 */
public final class BatchSource implements AutoCloseable {
    private static final long AUGMENT = 0x61756772L;

    private final List<Pair> pairs;
    private final ImageSizes sizes;
    private final DataSettings settings;
    private final long seed;
    private final PixelDemand demand;
    private final Consumer<Finding> findings;
    private final CaptionTools captions;
    private final ImageDecoder decoder;
    private final EpochOrder order;
    private final PixelPool pool = new PixelPool();
    private final ExecutorService producer;
    private final Deque<Future<PairBatch>> ahead = new ArrayDeque<>();
    private long next;

    /** Says whose pixels are needed: those of a known latent are not. */
    public interface PixelDemand {
        boolean needed(Pair pair, Placement placement);

        static PixelDemand all() {
            return (pair, placement) -> true;
        }
    }

    /**
     * @param pairs what is trained on
     * @param batchSize the most examples in a step
     * @param seed the run's seed
     * @param demand whose pixels to decode
     * @param findings told of each image that turns out broken; called on the second thread
     * @throws FindingException when an image is broken and data.on_error=fail, or none is usable
     */
    public BatchSource(
            List<Pair> pairs,
            DataSettings settings,
            int batchSize,
            long seed,
            PixelDemand demand,
            Consumer<Finding> findings)
            throws FindingException {
        this.pairs = List.copyOf(pairs);
        this.settings = settings;
        this.seed = seed;
        this.demand = demand;
        this.findings = findings;
        this.captions = new CaptionTools(settings.captions());
        this.decoder = new ImageDecoder(settings.decoding());
        this.sizes = new ImageSizes(this.pairs, settings.decoding());
        this.order = order(batchSize);
        this.producer = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "batches");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Steps in an epoch. */
    public int stepsPerEpoch() {
        return order.stepsPerEpoch();
    }

    public EpochOrder order() {
        return order;
    }

    /** The examples of a step without their pixels: for filling a cache, or for looking ahead. */
    public List<Example> plan(long step) throws FindingException {
        List<Example> examples = new ArrayList<>();
        for (int entry : order.batch(step)) {
            examples.add(example(entry, order.epochOf(step), (pair, placement) -> false));
        }
        return examples;
    }

    /** Goes on with the given step, from 0. */
    public void seek(long step) {
        discardAhead();
        next = step;
    }

    /** The step that {@link #next} gives. */
    public long position() {
        return next;
    }

    /**
     * The next step's batch. The caller closes it.
     *
     * @throws FindingException when an image is broken and data.on_error=fail, or a whole bucket is
     */
    public PairBatch next() throws FindingException, InterruptedException {
        while (ahead.size() <= settings.prefetch()) {
            long step = next + ahead.size();
            ahead.add(producer.submit(() -> produce(step)));
        }
        Future<PairBatch> head = ahead.removeFirst();
        next++;
        try {
            return head.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FindingException finding) {
                throw finding;
            }
            throw new IllegalStateException("preparing a batch failed", e.getCause());
        }
    }

    @Override
    public void close() {
        discardAhead();
        producer.shutdownNow();
    }

    private void discardAhead() {
        for (Future<PairBatch> future : ahead) {
            future.cancel(false);
            if (future.isDone() && !future.isCancelled()) {
                try {
                    future.get().close();
                } catch (ExecutionException | InterruptedException | CancellationException e) {
                    // Whoever asks for that step again is told again.
                }
            }
        }
        ahead.clear();
    }

    private PairBatch produce(long step) throws FindingException {
        int[] entries = order.batch(step);
        List<Example> examples = new ArrayList<>(entries.length);
        for (int entry : entries) {
            examples.add(example(entry, order.epochOf(step), demand));
        }
        return new PairBatch(step, order.bucketOf(entries[0]), examples, pool);
    }

    /** The entry's example, or that of the nearest one after it that is not broken. */
    private Example example(int entry, long epoch, PixelDemand wanted) throws FindingException {
        int tried = entry;
        while (true) {
            try {
                return sound(tried, epoch, wanted);
            } catch (FindingException e) {
                broken(e);
                tried = order.after(tried);
                if (tried == entry) {
                    throw e;
                }
            }
        }
    }

    private Example sound(int entry, long epoch, PixelDemand wanted) throws FindingException {
        int index = order.pairOf(entry);
        Pair pair = pairs.get(index);
        Draws draws = Draws.of(seed, AUGMENT, epoch, index, order.repeatOf(entry));
        ImageSizes.Size size = sizes.of(index);
        Placement placement =
                Placement.of(size.width(), size.height(), order.bucketOf(entry), settings.crop(), flip(pair), draws);
        String caption = captions.caption(pair, draws);
        float @Nullable [] pixels = null;
        if (wanted.needed(pair, placement)) {
            pixels = planes(placement.apply(decoder.decode(pair)));
        }
        return new Example(index, epoch, pair, caption, placement, pixels);
    }

    private double flip(Pair pair) {
        Double own = pair.set().flip();
        return own == null ? settings.flip() : own;
    }

    private float[] planes(Pixels picture) {
        int area = picture.width() * picture.height();
        float[] planes = pool.take(3 * area);
        byte[] rgb = picture.rgb();
        for (int i = 0, k = 0; i < area; i++, k += 3) {
            planes[i] = (rgb[k] & 255) / 127.5f - 1;
            planes[area + i] = (rgb[k + 1] & 255) / 127.5f - 1;
            planes[2 * area + i] = (rgb[k + 2] & 255) / 127.5f - 1;
        }
        return planes;
    }

    private EpochOrder order(int batchSize) throws FindingException {
        Buckets buckets = settings.bucketSizes();
        int[] repeats =
                pairs.stream().mapToInt(p -> p.repeats() * settings.repeats()).toArray();
        Bucket[] of = new Bucket[repeats.length];
        Arrays.fill(of, buckets.sizes().get(0));
        if (buckets.needSizes()) {
            sizes.readAll();
            for (int i = 0; i < of.length; i++) {
                try {
                    ImageSizes.Size size = sizes.of(i);
                    of[i] = buckets.of(size.width(), size.height());
                } catch (FindingException e) {
                    broken(e);
                    repeats[i] = 0;
                }
            }
        }
        return new EpochOrder(Arrays.asList(of), repeats, batchSize, seed);
    }

    private void broken(FindingException e) throws FindingException {
        switch (settings.onError()) {
            case FAIL -> throw e;
            case SKIP -> findings.accept(e.finding());
        }
    }
}
