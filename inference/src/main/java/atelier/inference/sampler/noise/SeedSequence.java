package atelier.inference.sampler.noise;

import java.util.ArrayList;
import java.util.List;

/**
 * NumPy's SeedSequence (after O'Neill's seed_seq_fe): spreads a seed and the place in a tree of streams over a pool of 32
 * bit words, from which seeds of independent streams are taken.
 */
final class SeedSequence {
    private static final int INIT_A = 0x43b0d7e5;
    private static final int MULT_A = 0x931e8875;
    private static final int INIT_B = 0x8b51f9dd;
    private static final int MULT_B = 0x58f38ded;
    private static final int MIX_L = 0xca01f9dd;
    private static final int MIX_R = 0x4973f715;

    private final int[] pool;
    private int hashConstant = INIT_A;

    /**
     * @param entropy the seed, unsigned
     * @param spawnKey the place in the tree; empty for the root
     * @param poolSize words of the pool
     */
    SeedSequence(long entropy, long[] spawnKey, int poolSize) {
        List<Integer> words = new ArrayList<>(words(entropy));
        if (spawnKey.length > 0) {
            while (words.size() < poolSize) {
                words.add(0);
            }
            for (long key : spawnKey) {
                words.addAll(words(key));
            }
        }
        pool = new int[poolSize];
        for (int i = 0; i < poolSize; i++) {
            pool[i] = hash(i < words.size() ? words.get(i) : 0);
        }
        for (int source = 0; source < poolSize; source++) {
            for (int target = 0; target < poolSize; target++) {
                if (source != target) {
                    pool[target] = mix(pool[target], hash(pool[source]));
                }
            }
        }
        for (int source = poolSize; source < words.size(); source++) {
            for (int target = 0; target < poolSize; target++) {
                pool[target] = mix(pool[target], hash(words.get(source)));
            }
        }
    }

    /** The first {@code count} words, unsigned. */
    long[] state(int count) {
        long[] state = new long[count];
        int constant = INIT_B;
        for (int i = 0; i < count; i++) {
            int data = pool[i % pool.length] ^ constant;
            constant *= MULT_B;
            data *= constant;
            state[i] = Integer.toUnsignedLong(data ^ (data >>> 16));
        }
        return state;
    }

    private int hash(int value) {
        int hashed = value ^ hashConstant;
        hashConstant *= MULT_A;
        hashed *= hashConstant;
        return hashed ^ (hashed >>> 16);
    }

    private static int mix(int x, int y) {
        int mixed = MIX_L * x - MIX_R * y;
        return mixed ^ (mixed >>> 16);
    }

    private static List<Integer> words(long value) {
        int low = (int) value;
        int high = (int) (value >>> 32);
        return high == 0 ? List.of(low) : List.of(low, high);
    }
}
