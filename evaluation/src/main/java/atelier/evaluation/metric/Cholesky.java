package atelier.evaluation.metric;

/** L L^T of a symmetric positive definite matrix (Golub and Van Loan, section 4.2). */
final class Cholesky {
    private final double[][] lower;

    /** @param matrix of which the lower triangle is read; it becomes L */
    Cholesky(double[][] matrix) {
        lower = matrix;
        for (int i = 0; i < matrix.length; i++) {
            double[] row = matrix[i];
            for (int j = 0; j <= i; j++) {
                double[] other = matrix[j];
                double sum = row[j];
                for (int k = 0; k < j; k++) {
                    sum -= row[k] * other[k];
                }
                if (i > j) {
                    row[j] = sum / other[j];
                } else if (sum > 0) {
                    row[i] = Math.sqrt(sum);
                } else {
                    throw new IllegalArgumentException(
                            "the matrix is not positive definite: pivot " + i + " is " + sum);
                }
            }
        }
    }

    /** The solution of matrix x = right. */
    double[] solve(double[] right) {
        double[] x = right.clone();
        for (int i = 0; i < x.length; i++) {
            for (int k = 0; k < i; k++) {
                x[i] -= lower[i][k] * x[k];
            }
            x[i] /= lower[i][i];
        }
        for (int i = x.length - 1; i >= 0; i--) {
            for (int k = i + 1; k < x.length; k++) {
                x[i] -= lower[k][i] * x[k];
            }
            x[i] /= lower[i][i];
        }
        return x;
    }
}
