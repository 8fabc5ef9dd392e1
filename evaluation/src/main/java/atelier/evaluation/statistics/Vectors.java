package atelier.evaluation.statistics;

/** Sums over feature vectors, in double precision. */
public final class Vectors {
    private Vectors() {}

    public static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    /** A vector of the same direction and length 1; zeros stay zeros. */
    public static float[] unit(float[] vector) {
        double length = Math.max(Math.sqrt(dot(vector, vector)), Float.MIN_NORMAL);
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / length);
        }
        return unit;
    }

    public static double squaredDistance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }

    /** The cosine of the angle between two vectors; 0 where one has no length. */
    public static double cosine(float[] a, float[] b) {
        double lengths = Math.sqrt(dot(a, a) * dot(b, b));
        return lengths == 0 ? 0 : dot(a, b) / lengths;
    }
}
