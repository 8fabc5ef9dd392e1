package atelier.common.image;

import java.util.Arrays;

/**
 * Input rows brought to the output's width, as many as the output's next row needs, in a ring.
 *
 * <p>Hundreds of rows are narrowed together. They lie transposed, each column's samples in an array of their own, so that
 * adding a weighted column to the sums is a loop over whole arrays, which the compiler turns into vector instructions; it
 * does so neither for a part of an array nor for bytes.
 */
final class NarrowedRows {
    private static final int MOST_ROWS = 512;
    /** Rows transposed together: a cache line of a column. */
    private static final int TILE = 16;
    /** Input columns transposed together, unless a single output column takes more: less than a MiB. */
    private static final int SPAN = 128;

    private final byte[] rgb;
    private final int width;
    private final LanczosTaps columns;
    /** Red, green and blue samples of the first column, of the second, and so on. */
    private final int[][] block;

    /** An output column's red, green and blue. */
    private final int[] red;

    private final int[] green;
    private final int[] blue;
    private final int[][] ring;
    private final int last;
    private int ready;

    NarrowedRows(Pixels in, LanczosTaps columns, LanczosTaps rows) {
        this.rgb = in.rgb();
        this.width = in.width();
        this.columns = columns;
        ready = rows.first[0];
        last = rows.end();
        int blocks = (last - ready + MOST_ROWS - 1) / MOST_ROWS;
        int together = (last - ready + blocks - 1) / blocks;
        block = new int[3 * Math.max(columns.widest, Math.min(SPAN, width))][together];
        red = new int[together];
        green = new int[together];
        blue = new int[together];
        ring = new int[rows.widest + together][3 * columns.count];
    }

    /** Adds rows first to end - 1 (red, green, blue of each output column) to the sums, weighted from place {@code weight} on. */
    void addRows(int[] sums, int first, int end, int[] weights, int weight) {
        int y = first;
        for (; y + 4 <= end; y += 4, weight += 4) {
            int a = weights[weight];
            int b = weights[weight + 1];
            int c = weights[weight + 2];
            int d = weights[weight + 3];
            addFour(sums, row(y), a, row(y + 1), b, row(y + 2), c, row(y + 3), d);
        }
        for (; y < end; y++, weight++) {
            addScaled(sums, row(y), weights[weight]);
        }
    }

    private int[] row(int y) {
        return ring[y % ring.length];
    }

    /** Makes the input rows from {@code first} to before {@code end} ready; earlier ones may go. */
    void advance(int first, int end) {
        ready = Math.max(ready, first);
        while (ready < end) {
            int count = Math.min(red.length, last - ready);
            for (int from = 0; from < columns.count; ) {
                int to = spanEnd(from);
                transpose(ready, count, columns.first[from], columns.first[to - 1] + columns.taps[to - 1]);
                for (int x = from; x < to; x++) {
                    int at = 3 * (columns.first[x] - columns.first[from]);
                    weigh(red, x, at);
                    weigh(green, x, at + 1);
                    weigh(blue, x, at + 2);
                    keep(ready, count, 3 * x);
                }
                from = to;
            }
            ready += count;
        }
    }

    /** One past the last output column whose input columns fit into the block with those of {@code from}. */
    private int spanEnd(int from) {
        int to = from + 1;
        int room = columns.first[from] + block.length / 3;
        while (to < columns.count && columns.first[to] + columns.taps[to] <= room) {
            to++;
        }
        return to;
    }

    private void transpose(int top, int count, int left, int right) {
        int samples = 3 * (right - left);
        int stride = 3 * width;
        for (int tile = 0; tile < count; tile += TILE) {
            int end = Math.min(tile + TILE, count);
            int start = (top + tile) * stride + 3 * left;
            for (int i = 0; i < samples; i++) {
                int[] column = block[i];
                for (int r = tile, in = start + i; r < end; r++, in += stride) {
                    column[r] = rgb[in] & 255;
                }
            }
        }
    }

    /** The weighted sums of an output column's channel, whose input begins at {@code at} in the block. */
    private void weigh(int[] sums, int x, int at) {
        int[] weights = columns.weights;
        int weight = x * columns.widest;
        int end = weight + columns.taps[x];
        int i = at;
        Arrays.fill(sums, LanczosTaps.HALF);
        for (; weight + 4 <= end; weight += 4, i += 12) {
            int a = weights[weight];
            int b = weights[weight + 1];
            int c = weights[weight + 2];
            int d = weights[weight + 3];
            addFour(sums, block[i], a, block[i + 3], b, block[i + 6], c, block[i + 9], d);
        }
        for (; weight < end; weight++, i += 3) {
            addScaled(sums, block[i], weights[weight]);
        }
    }

    private void keep(int top, int count, int place) {
        for (int r = 0, slot = top % ring.length; r < count; r++) {
            int[] row = ring[slot];
            row[place] = LanczosTaps.clip(red[r] >> LanczosTaps.BITS);
            row[place + 1] = LanczosTaps.clip(green[r] >> LanczosTaps.BITS);
            row[place + 2] = LanczosTaps.clip(blue[r] >> LanczosTaps.BITS);
            slot = slot + 1 == ring.length ? 0 : slot + 1;
        }
    }

    private static void addFour(int[] sums, int[] p, int a, int[] q, int b, int[] r, int c, int[] s, int d) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += a * p[i] + b * q[i] + c * r[i] + d * s[i];
        }
    }

    /** sums += weight * row. */
    private static void addScaled(int[] sums, int[] row, int weight) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += weight * row[i];
        }
    }
}
