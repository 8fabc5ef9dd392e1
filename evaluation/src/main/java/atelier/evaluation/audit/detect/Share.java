package atelier.evaluation.audit.detect;

import atelier.evaluation.statistics.Interval;
import atelier.evaluation.statistics.Rates;

/**
 * A count out of a number.
 *
 * @param count how many
 * @param of out of how many
 */
public record Share(int count, int of) {
    private static final double CONFIDENCE = 0.95;

    public Share {
        if (count < 0 || count > of) {
            throw new IllegalArgumentException(
                    "a count is between 0 and what it is out of, got " + count + " out of " + of);
        }
    }

    /** The exact interval of 95 % for the probability behind it; everything where nothing was counted. */
    public Interval interval() {
        return of == 0 ? new Interval(Double.NaN, 0, 1) : Rates.exact(count, of, CONFIDENCE);
    }
}
