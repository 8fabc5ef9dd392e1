package atelier.datasets.batch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * The set of sizes that pictures are brought to. With buckets off it is one square. With buckets on it holds, for each
 * width from min to max in steps, the greatest height on the grid that keeps the area, and the same turned, which is the
 * set that users of sd-scripts know.
 */
public final class Buckets {
    private final List<Bucket> sizes;
    private final int step;
    private final long area;
    private final boolean upscale;

    private Buckets(List<Bucket> sizes, int step, long area, boolean upscale) {
        this.sizes = List.copyOf(sizes);
        this.step = step;
        this.area = area;
        this.upscale = upscale;
    }

    /** One square for all. */
    public static Buckets square(int side) {
        return new Buckets(List.of(new Bucket(side, side)), side, (long) side * side, true);
    }

    /**
     * Sizes of like area and different proportions.
     *
     * @param resolution the side of the square whose area none exceeds
     * @param min the shortest side
     * @param max the longest side
     * @param step what every side is a multiple of
     * @param upscale whether a picture smaller than its bucket is enlarged; otherwise it keeps its own size, cut to steps
     */
    public static Buckets aspects(int resolution, int min, int max, int step, boolean upscale) {
        long area = (long) resolution * resolution;
        TreeSet<Bucket> sizes =
                new TreeSet<>(Comparator.comparingInt(Bucket::width).thenComparingInt(Bucket::height));
        int square = resolution / step * step;
        sizes.add(new Bucket(square, square));
        for (int side = min; side <= max; side += step) {
            int other = (int) Math.min((long) max / step * step, area / side / step * step);
            if (other >= min) {
                sizes.add(new Bucket(side, other));
                sizes.add(new Bucket(other, side));
            }
        }
        return new Buckets(new ArrayList<>(sizes), step, area, upscale);
    }

    /** All sizes by width, then height; pictures that are not enlarged may get others. */
    public List<Bucket> sizes() {
        return sizes;
    }

    /** Whether the picture's own size matters: with one square it does not. */
    public boolean needSizes() {
        return sizes.size() > 1 || !upscale;
    }

    /** The bucket whose proportions are nearest, measured by the ratio of the ratios. */
    public Bucket of(int width, int height) {
        if (!upscale && (long) width * height <= area) {
            return new Bucket(Math.max(step, width / step * step), Math.max(step, height / step * step));
        }
        double aspect = Math.log((double) width / height);
        Bucket best = sizes.get(0);
        double least = Double.MAX_VALUE;
        for (Bucket bucket : sizes) {
            double error = Math.abs(Math.log(bucket.aspect()) - aspect);
            if (error < least) {
                least = error;
                best = bucket;
            }
        }
        return best;
    }
}
