package atelier.diffusion.adapter.math;

import atelier.common.error.WrongCommandException;

/**
 * How many singular values to keep.
 *
 * @param most the rank at most
 * @param energy the share of the squared Frobenius norm to keep, in (0, 1]; 1 keeps as many as {@code most} allows
 */
public record SvdRank(int most, double energy) {
    public SvdRank {
        if (most < 1) {
            throw new WrongCommandException("rank must be at least 1, got " + most);
        }
        if (!(energy > 0 && energy <= 1)) {
            throw new WrongCommandException("energy must be above 0 and at most 1, got " + energy);
        }
    }

    /** Exactly this many, where the matrix has as many. */
    public static SvdRank fixed(int rank) {
        return new SvdRank(rank, 1);
    }

    /** The smallest number of leading values that holds the share of the energy. */
    int kept(double[] values, double total) {
        double sum = 0;
        int kept = 0;
        while (kept < Math.min(most, values.length) && (kept == 0 || energy == 1 || sum < energy * total)) {
            sum += values[kept] * values[kept];
            kept++;
        }
        return kept;
    }
}
