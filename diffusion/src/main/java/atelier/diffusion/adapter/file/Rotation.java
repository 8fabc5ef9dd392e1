package atelier.diffusion.adapter.file;

/** Rotations of skew-symmetric matrices. */
public final class Rotation {
    private Rotation() {}

    /** Cayley's transform (I + Q) (I - Q)^-1. */
    public static double[][] cayley(double[][] q) {
        int n = q.length;
        // X (I - Q) = I + Q, transposed: (I - Q)^T X^T = (I + Q)^T.
        double[][] left = new double[n][n];
        double[][] right = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double one = i == j ? 1 : 0;
                left[j][i] = one - q[i][j];
                right[j][i] = one + q[i][j];
            }
        }
        solve(left, right);
        return transposed(right);
    }

    /** I + 2 Q + 2 Q^2 + ... + Q^(terms - 1), as PEFT cuts the series of (I + Q) (I - Q)^-1. */
    static double[][] series(double[][] q, int terms) {
        int n = q.length;
        double[][] sum = times(q, terms > 1 ? 2 : 0);
        if (terms > 2) {
            double[][] power = product(q, q);
            add(sum, power, 2);
            for (int i = 3; i < terms - 1; i++) {
                power = product(power, q);
                add(sum, power, 2);
            }
            add(sum, product(power, q), 1);
        }
        for (int i = 0; i < n; i++) {
            sum[i][i] += 1;
        }
        return sum;
    }

    static double[][] times(double[][] matrix, double factor) {
        double[][] out = new double[matrix.length][matrix.length];
        add(out, matrix, factor);
        return out;
    }

    private static void add(double[][] to, double[][] matrix, double factor) {
        for (int i = 0; i < to.length; i++) {
            for (int j = 0; j < to.length; j++) {
                to[i][j] += factor * matrix[i][j];
            }
        }
    }

    private static double[][] product(double[][] a, double[][] b) {
        int n = a.length;
        double[][] out = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++) {
                for (int j = 0; j < n; j++) {
                    out[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return out;
    }

    private static double[][] transposed(double[][] matrix) {
        double[][] out = new double[matrix.length][matrix.length];
        for (int i = 0; i < out.length; i++) {
            for (int j = 0; j < out.length; j++) {
                out[j][i] = matrix[i][j];
            }
        }
        return out;
    }

    /** Gauss and Jordan with the largest pivot; I - Q of a skew-symmetric Q is never singular. */
    private static void solve(double[][] left, double[][] right) {
        int n = left.length;
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int row = column + 1; row < n; row++) {
                pivot = Math.abs(left[row][column]) > Math.abs(left[pivot][column]) ? row : pivot;
            }
            swap(left, column, pivot);
            swap(right, column, pivot);
            double inverse = 1 / left[column][column];
            for (int j = 0; j < n; j++) {
                left[column][j] *= inverse;
                right[column][j] *= inverse;
            }
            for (int row = 0; row < n; row++) {
                double factor = left[row][column];
                if (row != column && factor != 0) {
                    for (int j = 0; j < n; j++) {
                        left[row][j] -= factor * left[column][j];
                        right[row][j] -= factor * right[column][j];
                    }
                }
            }
        }
    }

    private static void swap(double[][] rows, int a, int b) {
        double[] row = rows[a];
        rows[a] = rows[b];
        rows[b] = row;
    }
}
