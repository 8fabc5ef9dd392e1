package atelier.diffusion.adapter.math;

import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Singular value decompositions: exact for small matrices by one-sided Jacobi rotations (Golub and Van Loan, section
 * 8.6.3), of the leading part of large ones by randomised subspace iteration (Halko, Martinsson, Tropp 2011, algorithm
 * 4.4).
 *
 * @param left [rows, k], orthonormal columns
 * @param values k singular values, descending
 * @param right [columns, k], orthonormal columns
 */
@SuppressWarnings("ArrayRecordComponent")
record Svd(Matrix left, double[] values, Matrix right) {
    private static final int SWEEPS = 60;
    private static final double CONVERGED = 1e-12;
    private static final int OVERSAMPLED = 8;
    private static final int POWER_STEPS = 4;

    /** All of a small matrix; cost grows with rows * columns squared. */
    @SuppressWarnings("ArgumentSelectionDefectChecker") // transposing swaps left and right
    static Svd exact(Matrix matrix) {
        if (matrix.rows() < matrix.columns()) {
            Svd flipped = exact(matrix.transposed());
            return new Svd(flipped.right, flipped.values, flipped.left);
        }
        int n = matrix.columns();
        double[][] u = columnsOf(matrix);
        double[][] v = new double[n][n];
        for (int i = 0; i < n; i++) {
            v[i][i] = 1;
        }
        boolean rotated = true;
        for (int sweep = 0; sweep < SWEEPS && rotated; sweep++) {
            rotated = false;
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    rotated |= orthogonalise(u, v, p, q);
                }
            }
        }
        double[] lengths = new double[n];
        for (int i = 0; i < n; i++) {
            lengths[i] = Math.sqrt(dot(u[i], u[i]));
            if (lengths[i] > 0) {
                scale(u[i], 1 / lengths[i]);
            }
        }
        Integer[] order = IntStream.range(0, n).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> -lengths[i]));
        double[] sorted = Arrays.stream(order).mapToDouble(i -> lengths[i]).toArray();
        return new Svd(matrixOf(u, order), sorted, matrixOf(v, order));
    }

    private static boolean orthogonalise(double[][] u, double[][] v, int p, int q) {
        double pp = dot(u[p], u[p]);
        double qq = dot(u[q], u[q]);
        double pq = dot(u[p], u[q]);
        if (Math.abs(pq) <= CONVERGED * Math.sqrt(pp * qq) || pq == 0) {
            return false;
        }
        double zeta = (qq - pp) / (2 * pq);
        double tangent = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        double cosine = 1 / Math.sqrt(1 + tangent * tangent);
        double sine = cosine * tangent;
        rotate(u[p], u[q], cosine, sine);
        rotate(v[p], v[q], cosine, sine);
        return true;
    }

    private static void rotate(double[] a, double[] b, double cosine, double sine) {
        for (int i = 0; i < a.length; i++) {
            double old = a[i];
            a[i] = cosine * old - sine * b[i];
            b[i] = sine * old + cosine * b[i];
        }
    }

    /** The leading k of a large matrix. The same seed gives the same result. */
    static Svd leading(Matrix matrix, int k, long seed) {
        int width = Math.min(k + OVERSAMPLED, Math.min(matrix.rows(), matrix.columns()));
        Matrix transposed = matrix.transposed();
        Matrix probe = Matrix.zero(matrix.columns(), width);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < probe.values().length; i++) {
            probe.values()[i] = (float) random.nextGaussian();
        }
        Matrix basis = orthonormal(matrix.times(probe));
        for (int step = 0; step < POWER_STEPS; step++) {
            basis = orthonormal(matrix.times(orthonormal(transposed.times(basis))));
        }
        Svd small = exact(basis.transposed().times(matrix));
        int kept = Math.min(k, small.values.length);
        return new Svd(
                basis.times(small.left.columns(kept)), Arrays.copyOf(small.values, kept), small.right.columns(kept));
    }

    /** An orthonormal basis of the columns' span, by Gram-Schmidt done twice. */
    static Matrix orthonormal(Matrix matrix) {
        double[][] columns = columnsOf(matrix);
        for (int i = 0; i < columns.length; i++) {
            double before = Math.sqrt(dot(columns[i], columns[i]));
            for (int pass = 0; pass < 2; pass++) {
                for (int j = 0; j < i; j++) {
                    double along = dot(columns[i], columns[j]);
                    for (int r = 0; r < columns[i].length; r++) {
                        columns[i][r] -= along * columns[j][r];
                    }
                }
            }
            double length = Math.sqrt(dot(columns[i], columns[i]));
            // What rounding left of a dependent column would be noise, not a direction.
            scale(columns[i], length > 1e-6 * before ? 1 / length : 0);
        }
        return matrixOf(columns, IntStream.range(0, columns.length).boxed().toArray(Integer[]::new));
    }

    private static double[][] columnsOf(Matrix matrix) {
        double[][] columns = new double[matrix.columns()][matrix.rows()];
        for (int row = 0; row < matrix.rows(); row++) {
            for (int column = 0; column < matrix.columns(); column++) {
                columns[column][row] = matrix.at(row, column);
            }
        }
        return columns;
    }

    private static Matrix matrixOf(double[][] columns, Integer[] order) {
        int rows = columns.length == 0 ? 0 : columns[0].length;
        Matrix matrix = Matrix.zero(rows, order.length);
        for (int column = 0; column < order.length; column++) {
            for (int row = 0; row < rows; row++) {
                matrix.values()[row * order.length + column] = (float) columns[order[column]][row];
            }
        }
        return matrix;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void scale(double[] a, double factor) {
        for (int i = 0; i < a.length; i++) {
            a[i] *= factor;
        }
    }
}
