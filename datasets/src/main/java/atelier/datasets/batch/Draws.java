package atelier.datasets.batch;

/**
 * Random numbers that depend on nothing but the numbers they were made from, so that the same place in the same run
 * always draws the same: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
 */
public final class Draws {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private Draws(long state) {
        this.state = state;
    }

    /** The sequence that belongs to these numbers, for instance (seed, epoch, index). */
    public static Draws of(long... numbers) {
        long state = 0;
        for (long number : numbers) {
            state = mix(state + GAMMA + mix(number + GAMMA));
        }
        return new Draws(state);
    }

    public long nextLong() {
        state += GAMMA;
        return mix(state);
    }

    /** Evenly from 0 up to, not including, {@code bound}. */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("a bound must be at least 1, got " + bound);
        }
        // The high half of a 32 x 32 bit product is even up to a few parts in 2^32; the rejection removes those.
        long product = (nextLong() >>> 32) * bound;
        long low = product & 0xFFFFFFFFL;
        long threshold = (1L << 32) % bound;
        while (low < threshold) {
            product = (nextLong() >>> 32) * bound;
            low = product & 0xFFFFFFFFL;
        }
        return (int) (product >>> 32);
    }

    /** Evenly from 0 up to, not including, 1. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** True with the given probability; 0 never, 1 always. */
    public boolean chance(double probability) {
        return nextDouble() < probability;
    }

    /** Puts the values into a random order (Fisher, Yates). */
    public void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int kept = values[i];
            values[i] = values[j];
            values[j] = kept;
        }
    }

    /** Puts the values into a random order (Fisher, Yates). */
    public <T> void shuffle(T[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            T kept = values[i];
            values[i] = values[j];
            values[j] = kept;
        }
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
