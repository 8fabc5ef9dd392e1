package atelier.datasets.consent.list;

import atelier.datasets.hash.Pdq;

/** Perceptual digests of lists, each with where it stands. They are compared block by block, for the caches' sake. */
public final class PdqEntries {
    private final long[] words;
    private final int[] maxDistances;
    private final int[] lists;
    private final long[] lines;
    private int size;

    /** Room for as many as a chunk of a compiled list holds. */
    public PdqEntries() {
        this(CompiledFormat.CHUNK / CompiledFormat.PDQ_RECORD);
    }

    PdqEntries(int capacity) {
        words = new long[4 * capacity];
        maxDistances = new int[capacity];
        lists = new int[capacity];
        lines = new long[capacity];
    }

    /**
     * Appends one.
     *
     * @param maxDistance in bits, or -1 where the list does not say
     * @param list the list's number among those that were compiled together
     * @throws ArrayIndexOutOfBoundsException when {@link #full}
     */
    public void add(Pdq hash, int maxDistance, int list, long line) {
        maxDistances[size] = maxDistance;
        words[4 * size] = hash.w0();
        words[4 * size + 1] = hash.w1();
        words[4 * size + 2] = hash.w2();
        words[4 * size + 3] = hash.w3();
        lists[size] = list;
        lines[size] = line;
        size++;
    }

    public boolean full() {
        return size == lines.length;
    }

    public void clear() {
        size = 0;
    }

    public int size() {
        return size;
    }

    /** Word 0 to 3 of a digest, the most significant first. */
    public long word(int entry, int word) {
        return words[4 * entry + word];
    }

    /** The bits that may differ, or -1 where the list does not say. */
    public int maxDistance(int entry) {
        return maxDistances[entry];
    }

    public int list(int entry) {
        return lists[entry];
    }

    public long line(int entry) {
        return lines[entry];
    }
}
