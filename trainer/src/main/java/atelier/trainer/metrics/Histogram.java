package atelier.trainer.metrics;

import java.util.Arrays;
import org.tensorflow.proto.HistogramProto;

/** Values counted in buckets of equal width between their least and their greatest. */
final class Histogram {
    private static final int BUCKETS = 30;

    private Histogram() {}

    /** @param values at least one; those that are not finite are left out */
    static HistogramProto of(double[] values) {
        double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
        if (finite.length == 0) {
            return HistogramProto.getDefaultInstance();
        }
        double least = Arrays.stream(finite).min().orElseThrow();
        double most = Arrays.stream(finite).max().orElseThrow();
        double width = (most - least) / BUCKETS;
        long[] counts = new long[BUCKETS];
        for (double value : finite) {
            counts[width == 0 ? 0 : (int) Math.min(BUCKETS - 1, (value - least) / width)]++;
        }
        HistogramProto.Builder histogram = HistogramProto.newBuilder()
                .setMin(least)
                .setMax(most)
                .setNum(finite.length)
                .setSum(Arrays.stream(finite).sum())
                .setSumSquares(Arrays.stream(finite).map(value -> value * value).sum());
        for (int i = 0; i < (width == 0 ? 1 : BUCKETS); i++) {
            histogram.addBucketLimit(i == BUCKETS - 1 ? most : least + width * (i + 1));
            histogram.addBucket((double) counts[i]);
        }
        return histogram.build();
    }
}
