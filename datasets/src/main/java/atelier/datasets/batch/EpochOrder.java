package atelier.datasets.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which examples make up which step: a function of the seed and the epoch alone. An epoch shows every pair as often as
 * its repeats say; a batch holds examples of one bucket; a bucket's last batch may be smaller, so nothing is dropped.
 *
 * <p>An epoch's examples are numbered bucket by bucket, in the pairs' order, each pair as often as it repeats; such a
 * number is called an entry.
 */
public final class EpochOrder {
    private final List<Bucket> buckets;
    private final int[] starts;
    private final int[] pairs;
    private final int[] repeat;
    private final int batchSize;
    private final long seed;
    private final int steps;

    private long shownEpoch = -1;
    private int[][] shown = {};

    /**
     * @param bucketOf the bucket of each pair
     * @param repeats how often an epoch shows each pair
     * @param batchSize the most examples a batch holds
     * @param seed the run's seed
     */
    public EpochOrder(List<Bucket> bucketOf, int[] repeats, int batchSize, long seed) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("train.batch_size must be at least 1, got " + batchSize);
        }
        if (bucketOf.size() != repeats.length) {
            throw new IllegalArgumentException("every pair has a bucket and a number of repeats");
        }
        this.batchSize = batchSize;
        this.seed = seed;
        Map<Bucket, List<Integer>> members = new LinkedHashMap<>();
        int total = 0;
        for (int i = 0; i < repeats.length; i++) {
            if (repeats[i] > 0) {
                members.computeIfAbsent(bucketOf.get(i), b -> new ArrayList<>()).add(i);
                total = Math.addExact(total, repeats[i]);
            }
        }
        this.buckets = List.copyOf(members.keySet());
        this.starts = new int[buckets.size() + 1];
        this.pairs = new int[total];
        this.repeat = new int[total];
        int entry = 0;
        int batches = 0;
        for (int b = 0; b < buckets.size(); b++) {
            starts[b] = entry;
            for (int pair : members.getOrDefault(buckets.get(b), List.of())) {
                for (int k = 0; k < repeats[pair]; k++) {
                    pairs[entry] = pair;
                    repeat[entry++] = k;
                }
            }
            batches += (entry - starts[b] + batchSize - 1) / batchSize;
        }
        starts[buckets.size()] = entry;
        this.steps = batches;
    }

    /** Batches in an epoch, the same in each. */
    public int stepsPerEpoch() {
        return steps;
    }

    /** Examples in an epoch. */
    public int entries() {
        return pairs.length;
    }

    /** The epoch, from 0, that a step, from 0, belongs to. */
    public long epochOf(long step) {
        return step / steps;
    }

    /** The entries of a step. */
    public int[] batch(long step) {
        if (steps == 0) {
            throw new IllegalStateException("there are no pairs to train on");
        }
        return epoch(epochOf(step))[(int) (step % steps)].clone();
    }

    /** The pair that an entry shows. */
    public int pairOf(int entry) {
        return pairs[entry];
    }

    /** Which of its pair's repeats an entry is, from 0. */
    public int repeatOf(int entry) {
        return repeat[entry];
    }

    public Bucket bucketOf(int entry) {
        return buckets.get(bucketIndex(entry));
    }

    /** Another entry of the same bucket, or the same one when it is alone: who stands in when an image is broken. */
    public int after(int entry) {
        int bucket = bucketIndex(entry);
        return entry + 1 < starts[bucket + 1] ? entry + 1 : starts[bucket];
    }

    private int bucketIndex(int entry) {
        int at = Arrays.binarySearch(starts, 0, buckets.size(), entry);
        return at >= 0 ? at : -at - 2;
    }

    /** All batches of an epoch: each bucket shuffled and cut up, then the batches shuffled. */
    private synchronized int[][] epoch(long epoch) {
        if (epoch == shownEpoch) {
            return shown;
        }
        Draws draws = Draws.of(seed, epoch);
        int[][] batches = new int[steps][];
        int n = 0;
        for (int b = 0; b < buckets.size(); b++) {
            int[] order = new int[starts[b + 1] - starts[b]];
            for (int i = 0; i < order.length; i++) {
                order[i] = starts[b] + i;
            }
            draws.shuffle(order);
            for (int i = 0; i < order.length; i += batchSize) {
                batches[n++] = Arrays.copyOfRange(order, i, Math.min(i + batchSize, order.length));
            }
        }
        draws.shuffle(batches);
        shownEpoch = epoch;
        shown = batches;
        return batches;
    }
}
