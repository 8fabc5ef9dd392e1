package atelier.common.image;

/**
 * Along one side, for each output position, the first input position and the weights from there on: integers of 22 bits
 * that sum to 1.
 */
final class LanczosTaps {
    static final int BITS = 22;
    static final int HALF = 1 << (BITS - 1);
    private static final double LOBES = 3;

    final int count;
    final int widest;
    final int[] first;
    final int[] taps;
    final int[] weights;
    /** The side keeps its length: every output pixel is one input pixel. */
    final boolean plain;

    LanczosTaps(int from, int to, int start, int count) {
        double scale = (double) from / to;
        double stretch = Math.max(scale, 1);
        double reach = LOBES * stretch;
        this.count = count;
        this.plain = from == to;
        this.widest = plain ? 1 : (int) Math.ceil(reach) * 2 + 1;
        this.first = new int[count];
        this.taps = new int[count];
        this.weights = new int[count * widest];
        double[] exact = new double[widest];
        for (int i = 0; i < count; i++) {
            if (plain) {
                first[i] = start + i;
                taps[i] = 1;
                weights[i] = 1 << BITS;
                continue;
            }
            double centre = (start + i + 0.5) * scale;
            first[i] = Math.max((int) (centre - reach + 0.5), 0);
            taps[i] = Math.min((int) (centre + reach + 0.5), from) - first[i];
            double sum = 0;
            for (int t = 0; t < taps[i]; t++) {
                exact[t] = lanczos((first[i] + t - centre + 0.5) / stretch);
                sum += exact[t];
            }
            for (int t = 0; t < taps[i]; t++) {
                weights[i * widest + t] = (int) Math.rint(exact[t] / sum * (1 << BITS));
            }
        }
    }

    private static double lanczos(double x) {
        return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    /** One past the last input position that is used. */
    int end() {
        return first[count - 1] + taps[count - 1];
    }

    /** A sum's value as a sample. */
    static int clip(int value) {
        return value < 0 ? 0 : Math.min(value, 255);
    }
}
