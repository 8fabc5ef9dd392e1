package atelier.evaluation.metric;

import atelier.evaluation.statistics.Vectors;
import java.util.Arrays;

/** How different pictures are from one another. Figures of sets of different sizes do not compare. */
public final class Diversity {
    private static final int SWEEPS = 50;
    private static final double CONVERGED = 1e-20;

    private Diversity() {}

    /**
     * The Vendi score (Friedman and Dieng, 2023): exp of the entropy of the eigenvalues of K / n, K the cosines of the
     * embeddings. From 1, all alike, to n, all at right angles.
     */
    public static double vendi(float[][] embeddings) {
        int n = embeddings.length;
        double[][] cosines = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                cosines[i][j] = i == j ? 1.0 / n : Vectors.cosine(embeddings[i], embeddings[j]) / n;
            }
        }
        double entropy = 0;
        for (double value : eigenvalues(cosines)) {
            if (value > 0) {
                entropy -= value * Math.log(value);
            }
        }
        return Math.exp(entropy);
    }

    /** The mean of 1 - cosine over all pairs of a prompt's pictures; 0 where there is one picture. */
    public static double spread(float[][] embeddings) {
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < embeddings.length; i++) {
            for (int j = 0; j < i; j++) {
                sum += 1 - Vectors.cosine(embeddings[i], embeddings[j]);
                pairs++;
            }
        }
        return pairs == 0 ? 0 : sum / pairs;
    }

    /**
     * Coverage (Naeem et al., 2020): the share of real pictures within whose k-th real neighbour's distance a generation
     * lies. It says something from hundreds of pictures on.
     */
    public static double coverage(float[][] real, float[][] drawn, int k) {
        int covered = 0;
        for (int i = 0; i < real.length; i++) {
            float[] own = real[i];
            double[] distances = Arrays.stream(real)
                    .mapToDouble(other -> Vectors.squaredDistance(own, other))
                    .sorted()
                    .toArray();
            // The nearest one is the picture itself.
            double radius = distances[Math.min(k, distances.length - 1)];
            if (Arrays.stream(drawn).anyMatch(other -> Vectors.squaredDistance(own, other) <= radius)) {
                covered++;
            }
        }
        return (double) covered / real.length;
    }

    /** Eigenvalues of a symmetric matrix by Jacobi's rotations (Golub and Van Loan, section 8.5); it is destroyed. */
    static double[] eigenvalues(double[][] a) {
        int n = a.length;
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            double off = 0;
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    off += a[p][q] * a[p][q];
                    rotate(a, p, q);
                }
            }
            if (off < CONVERGED) {
                break;
            }
        }
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = a[i][i];
        }
        return values;
    }

    private static void rotate(double[][] a, int p, int q) {
        if (a[p][q] == 0) {
            return;
        }
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double c = 1 / Math.sqrt(t * t + 1);
        double s = t * c;
        for (int i = 0; i < a.length; i++) {
            double ip = a[i][p];
            double iq = a[i][q];
            a[i][p] = c * ip - s * iq;
            a[i][q] = s * ip + c * iq;
        }
        for (int i = 0; i < a.length; i++) {
            double pi = a[p][i];
            double qi = a[q][i];
            a[p][i] = c * pi - s * qi;
            a[q][i] = s * pi + c * qi;
        }
    }
}
