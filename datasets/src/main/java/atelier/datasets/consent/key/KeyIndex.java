package atelier.datasets.consent.key;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Keys with the numbers of those that have them, in plain arrays: about 30 bytes a key, where a map of objects takes 150.
 * Keys are leading bits of SHA-256 digests and so spread evenly: they are sorted, and looked up, by a table of their first
 * bits.
 */
public final class KeyIndex {
    private static final int FEW = 24;

    private final long[] high;
    private final long[] low;
    private final int[] starts;
    private final int[] owners;
    private final int[] buckets;
    private final int bits;

    private KeyIndex(long[] high, long[] low, int[] starts, int[] owners, int[] buckets, int bits) {
        this.high = high;
        this.low = low;
        this.starts = starts;
        this.owners = owners;
        this.buckets = buckets;
        this.bits = bits;
    }

    /** Gathers keys in any order. */
    public static final class Builder {
        private long[] high;
        private long[] low;
        private int[] owner;
        private int size;

        /** @param expected about how many keys there will be */
        public Builder(int expected) {
            int room = Math.max(16, expected);
            high = new long[room];
            low = new long[room];
            owner = new int[room];
        }

        /** Adds a key that {@code of} has; numbers are added in ascending order. */
        public void add(Key128 key, int of) {
            if (size == high.length) {
                int room = size + size / 2;
                high = Arrays.copyOf(high, room);
                low = Arrays.copyOf(low, room);
                owner = Arrays.copyOf(owner, room);
            }
            high[size] = key.high();
            low[size] = key.low();
            owner[size++] = of;
        }

        /** The index; the builder is not to be used after. */
        public KeyIndex build() {
            int bits = Math.min(24, Math.max(1, 32 - Integer.numberOfLeadingZeros(size)));
            int[] ends = new int[(1 << bits) + 1];
            for (int i = 0; i < size; i++) {
                ends[bucket(high[i], bits) + 1]++;
            }
            for (int b = 0; b < 1 << bits; b++) {
                ends[b + 1] += ends[b];
            }
            int[] next = Arrays.copyOf(ends, 1 << bits);
            long[] sortedHigh = new long[size];
            long[] sortedLow = new long[size];
            int[] sortedOwner = new int[size];
            for (int i = 0; i < size; i++) {
                int at = next[bucket(high[i], bits)]++;
                sortedHigh[at] = high[i];
                sortedLow[at] = low[i];
                sortedOwner[at] = owner[i];
            }
            for (int b = 0; b < 1 << bits; b++) {
                sort(sortedHigh, sortedLow, sortedOwner, ends[b], ends[b + 1]);
            }
            return distinct(sortedHigh, sortedLow, sortedOwner, bits);
        }

        /** Keeps the order of equal keys. */
        private static void sort(long[] high, long[] low, int[] owner, int from, int to) {
            if (to - from > FEW) {
                sortMany(high, low, owner, from, to);
                return;
            }
            for (int i = from + 1; i < to; i++) {
                long h = high[i];
                long l = low[i];
                int o = owner[i];
                int at = i;
                while (at > from && compare(high[at - 1], low[at - 1], h, l) > 0) {
                    high[at] = high[at - 1];
                    low[at] = low[at - 1];
                    owner[at] = owner[at - 1];
                    at--;
                }
                high[at] = h;
                low[at] = l;
                owner[at] = o;
            }
        }

        /** One key that very many have, or several of those whose first bits are the same. */
        private static void sortMany(long[] high, long[] low, int[] owner, int from, int to) {
            Integer[] order = IntStream.range(from, to).boxed().toArray(Integer[]::new);
            Comparator<Integer> byKey = (a, b) -> compare(high[a], low[a], high[b], low[b]);
            Arrays.sort(order, byKey);
            long[] h = Arrays.copyOfRange(high, from, to);
            long[] l = Arrays.copyOfRange(low, from, to);
            int[] o = Arrays.copyOfRange(owner, from, to);
            for (int i = 0; i < order.length; i++) {
                int was = order[i] - from;
                high[from + i] = h[was];
                low[from + i] = l[was];
                owner[from + i] = o[was];
            }
        }

        private static KeyIndex distinct(long[] high, long[] low, int[] owner, int bits) {
            int[] starts = new int[owner.length + 1];
            int keys = 0;
            for (int i = 0; i < owner.length; i++) {
                if (keys == 0 || high[i] != high[keys - 1] || low[i] != low[keys - 1]) {
                    high[keys] = high[i];
                    low[keys] = low[i];
                    starts[keys++] = i;
                }
            }
            starts[keys] = owner.length;
            int[] buckets = new int[(1 << bits) + 1];
            for (int i = 0; i < keys; i++) {
                buckets[bucket(high[i], bits) + 1] = i + 1;
            }
            for (int b = 0; b < 1 << bits; b++) {
                buckets[b + 1] = Math.max(buckets[b + 1], buckets[b]);
            }
            boolean all = keys == owner.length;
            return new KeyIndex(
                    all ? high : Arrays.copyOf(high, keys),
                    all ? low : Arrays.copyOf(low, keys),
                    all ? starts : Arrays.copyOf(starts, keys + 1),
                    owner,
                    buckets,
                    bits);
        }
    }

    private static int bucket(long high, int bits) {
        return (int) (high >>> (64 - bits));
    }

    private static int compare(long highA, long lowA, long highB, long lowB) {
        int byHigh = Long.compareUnsigned(highA, highB);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(lowA, lowB);
    }

    /** How many different keys there are. */
    public int size() {
        return high.length;
    }

    /** The first half of a key; keys ascend as unsigned numbers. */
    public long high(int index) {
        return high[index];
    }

    /** The second half of a key. */
    public long low(int index) {
        return low[index];
    }

    /** The index of the first key that is at least the given one; {@link #size} if none is. */
    public int from(long keyHigh, long keyLow) {
        int bucket = bucket(keyHigh, bits);
        int at = buckets[bucket];
        int end = buckets[bucket + 1];
        while (at < end && compare(high[at], low[at], keyHigh, keyLow) < 0) {
            at++;
        }
        return at;
    }

    /** The index of a key, or -1. */
    public int find(Key128 key) {
        int at = from(key.high(), key.low());
        return at < high.length && high[at] == key.high() && low[at] == key.low() ? at : -1;
    }

    /** Takes a number. */
    public interface Owners {
        void owner(int number);
    }

    /** Calls back for all that have a key. */
    public void owners(int index, Owners each) {
        for (int i = starts[index]; i < starts[index + 1]; i++) {
            each.owner(owners[i]);
        }
    }
}
