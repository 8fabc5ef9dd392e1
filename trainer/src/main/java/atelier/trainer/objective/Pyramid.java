package atelier.trainer.objective;

/**
 * Noise of several octaves (Whitaker 2023, multi-resolution noise), in kohya's form: octave i has the size max(1, side /
 * factor^i), is enlarged bilinearly and multiplied by discount^i; the sum is divided by its deviation.
 */
final class Pyramid {
    private final double[] total;
    private final int planes;
    private final int height;
    private final int width;

    Pyramid(float[] base, int planes, int height, int width) {
        this.total = new double[base.length];
        for (int i = 0; i < base.length; i++) {
            total[i] = base[i];
        }
        this.planes = planes;
        this.height = height;
        this.width = width;
    }

    /** An octave's side. */
    static int side(int whole, double factor, int octave) {
        return Math.max(1, (int) (whole / Math.pow(factor, octave)));
    }

    /** Adds an octave of [planes, rows, columns]. */
    void add(float[] octave, int rows, int columns, double weight) {
        for (int p = 0; p < planes; p++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    double value = bilinear(octave, p * rows * columns, rows, columns, y, x);
                    total[(p * height + y) * width + x] += weight * value;
                }
            }
        }
    }

    /** torch's interpolate(mode = "bilinear", align_corners = False). */
    private double bilinear(float[] plane, int start, int rows, int columns, int y, int x) {
        double v = Math.max(0, (y + 0.5) * rows / height - 0.5);
        double u = Math.max(0, (x + 0.5) * columns / width - 0.5);
        int top = (int) v;
        int left = (int) u;
        int below = Math.min(top + 1, rows - 1);
        int right = Math.min(left + 1, columns - 1);
        double upper = mix(plane[start + top * columns + left], plane[start + top * columns + right], u - left);
        double lower = mix(plane[start + below * columns + left], plane[start + below * columns + right], u - left);
        return mix(upper, lower, v - top);
    }

    private static double mix(double a, double b, double share) {
        return a + (b - a) * share;
    }

    /** The sum over its deviation (n - 1). */
    float[] normalised() {
        double mean = 0;
        for (double value : total) {
            mean += value / total.length;
        }
        double squares = 0;
        for (double value : total) {
            squares += (value - mean) * (value - mean);
        }
        double deviation = Math.sqrt(squares / (total.length - 1));
        float[] values = new float[total.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (total[i] / deviation);
        }
        return values;
    }
}
