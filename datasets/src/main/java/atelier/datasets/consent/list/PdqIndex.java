package atelier.datasets.consent.list;

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
public final class PdqIndex {
    private static final int SLOTS = 16;
    private static final int VALUES = 1 << 16;

    private final long[] words;
    private final int[] owners;
    private final int[][] starts = new int[SLOTS][];
    private final int[][] entries = new int[SLOTS][];
    private final short[][] neighbours = new short[SLOTS][];

    /** Takes a digest that was found: the entry it is near to, who owns it and how many bits differ. */
    public interface Near {
        void near(int entry, int owner, int distance);
    }

    /** @param digests for each owner, numbered from 0, the digests in all positions; none for an owner without */
    public PdqIndex(List<List<Pdq>> digests) {
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

    /**
     * Calls back for every digest near one of a block, possibly more than once, and in no order. Slot after slot, so that
     * one table at a time stays in the processor's cache.
     *
     * @param defaultDistance the bits that may differ where an entry does not say
     */
    public void find(PdqEntries block, int defaultDistance, Near near) {
        for (int slot = 0; slot < SLOTS; slot++) {
            for (int entry = 0; entry < block.size(); entry++) {
                int own = block.maxDistance(entry);
                find(block, entry, slot, own >= 0 ? own : defaultDistance, near);
            }
        }
    }

    private void find(PdqEntries block, int entry, int slot, int maxDistance, Near near) {
        int value = slot(block.word(entry, slot / 4), slot);
        int neighbour = slot(block.word(entry, slot / 4), slot ^ 1);
        int pairBudget = maxDistance / (SLOTS / 2);
        int[] start = starts[slot];
        short[] beside = neighbours[slot];
        for (int flip = -1; flip < (pairBudget / 2 > 0 ? 16 : 0); flip++) {
            int probe = flip < 0 ? value : value ^ (1 << flip);
            int budget = flip < 0 ? pairBudget : pairBudget - 1;
            int end = start[probe + 1];
            for (int at = start[probe]; at < end; at++) {
                if (Integer.bitCount((beside[at] & 0xFFFF) ^ neighbour) <= budget) {
                    int digest = entries[slot][at];
                    int distance = distance(block, entry, digest);
                    if (distance <= maxDistance) {
                        near.near(entry, owners[digest], distance);
                    }
                }
            }
        }
    }

    private int distance(PdqEntries block, int entry, int digest) {
        int distance = 0;
        for (int word = 0; word < 4; word++) {
            distance += Long.bitCount(words[4 * digest + word] ^ block.word(entry, word));
        }
        return distance;
    }

    private int value(int digest, int slot) {
        return slot(words[4 * digest + slot / 4], slot);
    }

    /** The slot's 16 bits out of the word that holds it. */
    private static int slot(long word, int slot) {
        return (int) (word >>> (48 - 16 * (slot & 3))) & 0xFFFF;
    }
}
