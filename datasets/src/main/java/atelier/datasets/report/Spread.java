package atelier.datasets.report;

import java.util.Arrays;

/**
 * How numbers are spread.
 *
 * @param count how many there are; the rest is 0 when there are none
 */
public record Spread(int count, double least, double median, double mean, double most) {
    static Spread of(int[] values) {
        if (values.length == 0) {
            return new Spread(0, 0, 0, 0, 0);
        }
        int[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0;
        double mean = Arrays.stream(sorted).average().orElse(0);
        return new Spread(sorted.length, sorted[0], median, mean, sorted[sorted.length - 1]);
    }
}
