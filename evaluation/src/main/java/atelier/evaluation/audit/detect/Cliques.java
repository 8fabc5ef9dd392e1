package atelier.evaluation.audit.detect;

/**
 * The largest set of generations that are all close to one another. Independent noise that ends in one picture again and
 * again is the mark of memorisation (Carlini et al. 2023, section 4.2: ten of many).
 *
 * <p>Bron and Kerbosch's search with a pivot over sets of at most 64 generations, a bit each.
 */
final class Cliques {
    private final long[] near;
    private long best;

    private Cliques(long[] near) {
        this.near = near;
    }

    /**
     * The largest clique as a set of bits; of several, one that is found first in a fixed order.
     *
     * @param distances symmetric
     * @param edge two generations are joined at a distance below it
     */
    static long largest(double[][] distances, double edge) {
        int count = distances.length;
        if (count > Long.SIZE) {
            throw new IllegalArgumentException("at most 64 generations are searched for cliques, got " + count);
        }
        long[] near = new long[count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                if (i != j && distances[i][j] < edge) {
                    near[i] |= 1L << j;
                }
            }
        }
        Cliques search = new Cliques(near);
        search.extend(0, count == Long.SIZE ? -1L : (1L << count) - 1, 0);
        return search.best;
    }

    private void extend(long clique, long candidates, long done) {
        if (candidates == 0) {
            if (done == 0 && Long.bitCount(clique) > Long.bitCount(best)) {
                best = clique;
            }
            return;
        }
        if (Long.bitCount(clique) + Long.bitCount(candidates) <= Long.bitCount(best)) {
            return;
        }
        long left = candidates;
        long seen = done;
        long tried = candidates & ~near[pivot(candidates, done)];
        while (tried != 0) {
            int next = Long.numberOfTrailingZeros(tried);
            long bit = 1L << next;
            extend(clique | bit, left & near[next], seen & near[next]);
            left &= ~bit;
            seen |= bit;
            tried &= ~bit;
        }
    }

    /** The vertex with the most candidates near it: those need not be tried, for they are tried below it. */
    private int pivot(long candidates, long done) {
        int chosen = Long.numberOfTrailingZeros(candidates);
        int most = -1;
        for (long rest = candidates | done; rest != 0; rest &= rest - 1) {
            int vertex = Long.numberOfTrailingZeros(rest);
            int covered = Long.bitCount(candidates & near[vertex]);
            if (covered > most) {
                most = covered;
                chosen = vertex;
            }
        }
        return chosen;
    }
}
