package atelier.datasets.consent;

import atelier.datasets.hash.Pdq;
import java.util.List;

/**
 * Finds the pictures of the training set whose perceptual digest lies near a given one, exactly. Each digest is cut into
 * 16 slots of 16 bits, and a table a slot leads from a value to the digests that have it.
 *
 * <p>If two digests differ in at most d bits, some pair of neighbouring slots differs in at most d / 8, and of that pair
 * one slot in at most half of these. For d = 31: one slot differs in at most 1 bit (17 values to look up) while its
 * neighbour differs in at most the rest of 3, which is kept beside the entry and looked at before the digest itself is.
 * Memory: about 130 bytes a digest.
 */
final class PdqIndex {
    private static final int SLOTS = 16;
    private static final int VALUES = 1 << 16;

    private final long[] words;
    private final int[] owners;
    private final int[][] starts = new int[SLOTS][];
    private final int[][] entries = new int[SLOTS][];
    private final short[][] neighbours = new short[SLOTS][];

    /** Takes a digest that was found: who owns it and how many bits differ. */
    interface Near {
        void near(int owner, int distance);
    }

    /** @param digests for each owner, numbered from 0, the digests in all positions; none for an owner without */
    PdqIndex(List<List<Pdq>> digests) {
        int count = digests.stream().mapToInt(List::size).sum();
        words = new long[4 * count];
        owners = new int[count];
        int at = 0;
        for (int owner = 0; owner < digests.size(); owner++) {
            for (Pdq digest : digests.get(owner)) {
                owners[at] = owner;
                System.arraycopy(digest.words(), 0, words, 4 * at, 4);
                at++;
            }
        }
        for (int slot = 0; slot < SLOTS; slot++) {
            build(slot, count);
        }
    }

    private void build(int slot, int count) {
        int[] start = new int[VALUES + 1];
        for (int i = 0; i < count; i++) {
            start[value(i, slot) + 1]++;
        }
        for (int v = 0; v < VALUES; v++) {
            start[v + 1] += start[v];
        }
        int[] next = start.clone();
        int[] entry = new int[count];
        short[] neighbour = new short[count];
        for (int i = 0; i < count; i++) {
            int place = next[value(i, slot)]++;
            entry[place] = i;
            neighbour[place] = (short) value(i, slot ^ 1);
        }
        starts[slot] = start;
        entries[slot] = entry;
        neighbours[slot] = neighbour;
    }

    /** Calls back for every digest within {@code maxDistance} bits, possibly more than once. */
    void find(Pdq query, int maxDistance, Near near) {
        long q0 = query.w0();
        long q1 = query.w1();
        long q2 = query.w2();
        long q3 = query.w3();
        int pairBudget = maxDistance / (SLOTS / 2);
        for (int slot = 0; slot < SLOTS; slot++) {
            long word = slot < 4 ? q0 : slot < 8 ? q1 : slot < 12 ? q2 : q3;
            int value = (int) (word >>> (48 - 16 * (slot & 3))) & 0xFFFF;
            int neighbour = (int) (word >>> (48 - 16 * ((slot ^ 1) & 3))) & 0xFFFF;
            int[] start = starts[slot];
            short[] beside = neighbours[slot];
            for (int flip = -1; flip < (pairBudget / 2 > 0 ? 16 : 0); flip++) {
                int probe = flip < 0 ? value : value ^ (1 << flip);
                int budget = flip < 0 ? pairBudget : pairBudget - 1;
                for (int at = start[probe]; at < start[probe + 1]; at++) {
                    if (Integer.bitCount((beside[at] & 0xFFFF) ^ neighbour) <= budget) {
                        int i = entries[slot][at];
                        int distance = Long.bitCount(words[4 * i] ^ q0)
                                + Long.bitCount(words[4 * i + 1] ^ q1)
                                + Long.bitCount(words[4 * i + 2] ^ q2)
                                + Long.bitCount(words[4 * i + 3] ^ q3);
                        if (distance <= maxDistance) {
                            near.near(owners[i], distance);
                        }
                    }
                }
            }
        }
    }

    private int value(int digest, int slot) {
        return (int) (words[4 * digest + slot / 4] >>> (48 - 16 * (slot & 3))) & 0xFFFF;
    }
}
