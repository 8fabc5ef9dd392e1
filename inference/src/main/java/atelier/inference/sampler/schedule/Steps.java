package atelier.inference.sampler.schedule;

/** Small arithmetic that the samplers share; vectors are flattened latents, scalars float32 as in PyTorch. */
public final class Steps {
    private Steps() {}

    /** {@code count} values from {@code first} to {@code last} inclusive. */
    static double[] evenly(double first, double last, int count) {
        double[] values = new double[count];
        double step = count > 1 ? (last - first) / (count - 1) : 0;
        for (int i = 0; i < count; i++) {
            values[i] = i * step + first;
        }
        if (count > 1) {
            values[count - 1] = last;
        }
        return values;
    }

    /** a x + b y. */
    public static float[] combine(float a, float[] x, float b, float[] y) {
        float[] sum = new float[x.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = a * x[i] + b * y[i];
        }
        return sum;
    }

    /** x + b y. */
    public static float[] add(float[] x, float b, float[] y) {
        float[] sum = new float[x.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = x[i] + b * y[i];
        }
        return sum;
    }

    /** (x - y) / d. */
    public static float[] slope(float[] x, float[] y, float d) {
        float[] slope = new float[x.length];
        for (int i = 0; i < slope.length; i++) {
            slope[i] = (x[i] - y[i]) / d;
        }
        return slope;
    }

    /** x / d. */
    public static float[] divide(float[] x, float d) {
        float[] quotient = new float[x.length];
        for (int i = 0; i < quotient.length; i++) {
            quotient[i] = x[i] / d;
        }
        return quotient;
    }

    /** Each value moved into [-range, range]; the same array if range is infinite. */
    public static float[] clip(float[] x, float range) {
        if (range == Float.POSITIVE_INFINITY) {
            return x;
        }
        float[] clipped = new float[x.length];
        for (int i = 0; i < clipped.length; i++) {
            clipped[i] = Math.max(-range, Math.min(range, x[i]));
        }
        return clipped;
    }

    public static float sqrt(float x) {
        return (float) Math.sqrt(x);
    }

    public static float log(float x) {
        return (float) Math.log(x);
    }

    public static float exp(float x) {
        return (float) Math.exp(x);
    }

    public static float expm1(float x) {
        return (float) Math.expm1(x);
    }
}
