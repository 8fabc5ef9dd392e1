package atelier.datasets.hash;

import atelier.common.image.Pixels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * PDQ, step by step: luma, two passes of a box filter each way, 64 x 64 samples, the discrete cosine transform's
 * coefficients 1 to 16 each way, and a bit for each that lies above their median.
 *
 * <p>All arithmetic is in single precision and in the published order, because a bit near the median depends on it.
 */
final class PdqHasher {
    private static final int GRID = 64;
    private static final int LOW = 16;
    private static final float[] COSINES = cosines();

    private PdqHasher() {}

    static Pdq hash(Pixels pixels) {
        float[] grid = samples(pixels);
        return digest(transform(grid), quality(grid));
    }

    /** Each position sampled by itself: a window of even width leans to one side, which signs alone do not turn. */
    static List<Pdq> positions(Pixels pixels) {
        float[] smooth = smooth(pixels);
        List<Pdq> all = new ArrayList<>();
        for (int mirror : new int[] {0, 2, 3, 1, 2, 1}) {
            boolean turned = all.size() == 1 || all.size() == 3;
            all.add(position(pixels, smooth, turned, (mirror & 2) != 0, (mirror & 1) != 0));
        }
        all.add(position(pixels, smooth, true, false, false));
        all.add(position(pixels, smooth, true, true, true));
        return all;
    }

    private static Pdq position(Pixels p, float[] smooth, boolean transposed, boolean upsideDown, boolean mirrored) {
        float[] grid = new float[GRID * GRID];
        for (int i = 0; i < GRID; i++) {
            for (int j = 0; j < GRID; j++) {
                int y = centre(transposed ? j : i, p.height(), transposed ? mirrored : upsideDown);
                int x = centre(transposed ? i : j, p.width(), transposed ? upsideDown : mirrored);
                grid[i * GRID + j] = smooth[y * p.width() + x];
            }
        }
        return digest(transform(grid), quality(grid));
    }

    /** A sample's place along a side, in the picture or in its mirror image. */
    private static int centre(int index, int side, boolean mirrored) {
        int at = (int) ((index + 0.5) * side / GRID);
        int lean = window(side) % 2 == 0 ? 2 : 0;
        return mirrored ? Math.max(0, side - 1 - at - lean) : at;
    }

    static List<Pdq> dihedral(Pixels pixels) {
        float[] grid = samples(pixels);
        int quality = quality(grid);
        float[] c = transform(grid);
        float[] t = new float[LOW * LOW];
        for (int i = 0; i < LOW; i++) {
            for (int j = 0; j < LOW; j++) {
                t[i * LOW + j] = c[j * LOW + i];
            }
        }
        // Mirroring a picture along an axis changes the sign of the odd frequencies of that axis.
        return List.of(
                digest(c, quality),
                digest(signed(t, true, false), quality),
                digest(signed(c, true, true), quality),
                digest(signed(t, false, true), quality),
                digest(signed(c, true, false), quality),
                digest(signed(c, false, true), quality),
                digest(t, quality),
                digest(signed(t, true, true), quality));
    }

    /** Coefficients with the signs of odd frequencies exchanged along rows' index, columns' index, or both. */
    private static float[] signed(float[] c, boolean rows, boolean columns) {
        float[] out = new float[c.length];
        for (int i = 0; i < LOW; i++) {
            for (int j = 0; j < LOW; j++) {
                boolean odd = (rows && (i & 1) == 0) ^ (columns && (j & 1) == 0);
                out[i * LOW + j] = odd ? -c[i * LOW + j] : c[i * LOW + j];
            }
        }
        return out;
    }

    /** The filtered luma at the centres of a 64 x 64 grid, row by row. */
    private static float[] samples(Pixels p) {
        float[] smooth = smooth(p);
        float[] grid = new float[GRID * GRID];
        for (int i = 0; i < GRID; i++) {
            for (int j = 0; j < GRID; j++) {
                grid[i * GRID + j] = smooth[centre(i, p.height(), false) * p.width() + centre(j, p.width(), false)];
            }
        }
        return grid;
    }

    private static float[] smooth(Pixels p) {
        int width = p.width();
        int height = p.height();
        float[] luma = luma(p);
        float[] other = new float[luma.length];
        int alongRow = window(width);
        int alongColumn = window(height);
        for (int pass = 0; pass < 2; pass++) {
            for (int y = 0; y < height; y++) {
                boxRow(luma, other, y * width, width, alongRow);
            }
            boxColumns(other, luma, width, height, alongColumn);
        }
        return luma;
    }

    private static float[] luma(Pixels p) {
        byte[] rgb = p.rgb();
        float[] out = new float[p.width() * p.height()];
        for (int i = 0, k = 0; i < out.length; i++, k += 3) {
            out[i] = 0.299f * (rgb[k] & 255) + 0.587f * (rgb[k + 1] & 255) + 0.114f * (rgb[k + 2] & 255);
        }
        return out;
    }

    /** The box's width: a 128th of the side, rounded up, so that two passes cover one sample's cell. */
    private static int window(int side) {
        return (side + 2 * GRID - 1) / (2 * GRID);
    }

    /**
     * Means over a window that reaches {@code window - h} back and {@code h - 1} forward, h = (window + 2) / 2, cut off at
     * the ends, as a running sum.
     */
    private static void boxRow(float[] in, float[] out, int start, int length, int window) {
        int forward = Math.min((window + 2) / 2 - 1, length);
        float sum = 0;
        int count = 0;
        int head = 0;
        for (; head < forward; head++) {
            sum += in[start + head];
            count++;
        }
        for (int i = 0, tail = i - window + forward + 1; i < length; i++, tail++) {
            if (head < length) {
                sum += in[start + head++];
                count++;
            }
            if (tail > 0) {
                sum -= in[start + tail - 1];
                count--;
            }
            out[start + i] = sum / count;
        }
    }

    /** The same down every column, a row of sums at a time so that memory is read in order. */
    private static void boxColumns(float[] in, float[] out, int width, int height, int window) {
        int forward = Math.min((window + 2) / 2 - 1, height);
        float[] sums = new float[width];
        int count = 0;
        int head = 0;
        for (; head < forward; head++) {
            for (int x = 0; x < width; x++) {
                sums[x] += in[head * width + x];
            }
            count++;
        }
        for (int i = 0, tail = i - window + forward + 1; i < height; i++, tail++) {
            if (head < height) {
                for (int x = 0; x < width; x++) {
                    sums[x] += in[head * width + x];
                }
                head++;
                count++;
            }
            if (tail > 0) {
                for (int x = 0; x < width; x++) {
                    sums[x] -= in[(tail - 1) * width + x];
                }
                count--;
            }
            for (int x = 0; x < width; x++) {
                out[i * width + x] = sums[x] / count;
            }
        }
    }

    /** Edges: whole percents of the differences between neighbouring samples, summed, over 90, at most 100. */
    private static int quality(float[] grid) {
        int sum = 0;
        for (int i = 0; i < GRID; i++) {
            for (int j = 0; j < GRID; j++) {
                float here = grid[i * GRID + j];
                if (i + 1 < GRID) {
                    sum += Math.abs((int) ((here - grid[(i + 1) * GRID + j]) * 100 / 255));
                }
                if (j + 1 < GRID) {
                    sum += Math.abs((int) ((here - grid[i * GRID + j + 1]) * 100 / 255));
                }
            }
        }
        return Math.min(100, sum / 90);
    }

    /** D A D', where D holds the cosines of frequencies 1 to 16. */
    private static float[] transform(float[] grid) {
        float[] half = new float[LOW * GRID];
        for (int i = 0; i < LOW; i++) {
            for (int j = 0; j < GRID; j++) {
                float sum = 0;
                for (int k = 0; k < GRID; k++) {
                    sum += COSINES[i * GRID + k] * grid[k * GRID + j];
                }
                half[i * GRID + j] = sum;
            }
        }
        float[] out = new float[LOW * LOW];
        for (int i = 0; i < LOW; i++) {
            for (int j = 0; j < LOW; j++) {
                float sum = 0;
                for (int k = 0; k < GRID; k++) {
                    sum += half[i * GRID + k] * COSINES[j * GRID + k];
                }
                out[i * LOW + j] = sum;
            }
        }
        return out;
    }

    private static float[] cosines() {
        float[] d = new float[LOW * GRID];
        for (int i = 0; i < LOW; i++) {
            for (int j = 0; j < GRID; j++) {
                d[i * GRID + j] =
                        (float) (Math.sqrt(2.0 / GRID) * Math.cos(Math.PI / 2 / GRID * (i + 1) * (2 * j + 1)));
            }
        }
        return d;
    }

    /** Bit 16 i + j tells whether coefficient (i, j) lies above the lower median; bit 255 is written first. */
    private static Pdq digest(float[] c, int quality) {
        float[] sorted = c.clone();
        Arrays.sort(sorted);
        float median = sorted[(sorted.length - 1) / 2];
        long[] words = new long[4];
        for (int bit = 0; bit < Pdq.BITS; bit++) {
            if (c[bit] > median) {
                words[3 - bit / 64] |= 1L << (bit % 64);
            }
        }
        return Pdq.of(words, quality);
    }
}
