package atelier.trainer.prepare;

import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.Example;
import atelier.datasets.batch.PairBatch;
import atelier.datasets.pairs.FindingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Encodes all that steps will ask for, several pictures at a time, so that the autoencoder can be let go before the first
 * step: for a GPU, whose memory the steps want whole.
 */
public final class LatentPreparation {
    /**
     * Pixels that are encoded together at most, where there are more pictures than one: two of 512 x 512. That fills a GPU,
     * and takes less of its memory than a step; four would take more.
     */
    private static final long PIXELS = 2L * 512 * 512;

    private final LatentCache cache;
    private final long together;
    private final Set<String> seen = new HashSet<>();
    private final List<Example> waiting = new ArrayList<>();
    private final List<PairBatch> open = new ArrayList<>();
    private long pixels;

    public LatentPreparation(LatentCache cache) {
        this(cache, PIXELS);
    }

    private LatentPreparation(LatentCache cache, long together) {
        this.cache = cache;
        this.together = together;
    }

    /** One picture at a time, as a CPU encodes them when their steps come: a latent has the same bits then. */
    public static LatentPreparation oneByOne(LatentCache cache) {
        return new LatentPreparation(cache, 1);
    }

    /**
     * Encodes what is missing for steps of a source.
     *
     * @param from the first step, from 0
     * @param to one past the last
     */
    public void fill(BatchSource source, long from, long to)
            throws IOException, FindingException, InterruptedException {
        try {
            for (long step = from; step < to; step++) {
                if (!hasNew(source.plan(step))) {
                    continue;
                }
                if (source.position() != step) {
                    source.seek(step);
                }
                take(source.next());
            }
            encode();
        } finally {
            close();
        }
    }

    private boolean hasNew(List<Example> examples) throws IOException {
        boolean any = false;
        for (Example example : examples) {
            any |= seen.add(cache.key(example.pair(), example.placement()))
                    && cache.missing(example.pair(), example.placement());
        }
        return any;
    }

    private void take(PairBatch batch) throws IOException {
        open.add(batch);
        for (Example example : batch.examples()) {
            if (example.pixels() != null) {
                waiting.add(example);
                pixels += (long) example.width() * example.height();
            }
        }
        if (pixels >= together) {
            encode();
        }
    }

    private void encode() throws IOException {
        Map<Long, List<Example>> sizes = waiting.stream()
                .collect(Collectors.groupingBy(example -> (long) example.width() << 32 | example.height()));
        for (List<Example> same : sizes.values()) {
            long each = (long) same.get(0).width() * same.get(0).height();
            int most = (int) Math.max(1, together / each);
            for (int i = 0; i < same.size(); i += most) {
                cache.fill(same.subList(i, Math.min(same.size(), i + most)));
            }
        }
        close();
    }

    private void close() {
        waiting.clear();
        pixels = 0;
        open.forEach(PairBatch::close);
        open.clear();
    }
}
