package atelier.evaluation.metric;

import atelier.common.error.WorkFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Which of several styles a picture is nearest to, by Fisher's linear discriminant: the Mahalanobis distance to each style's
 * mean under one covariance, that of the pictures within their styles, so that directions in which pictures of one style
 * differ, such as those of the motif, count little. There are fewer pictures than statistics, so the covariance is shrunk
 * towards a multiple of the identity by Ledoit and Wolf's rule (2004), which has no constant to choose.
 *
 * <p>Distances are those within the plane through the styles' means. What a picture has beyond the plane adds the same to
 * its squared distance to every style and is left out. The unit is one deviation within styles.
 */
public final class StyleDiscriminant {
    /** Deviations below this share of the largest one count as it. */
    private static final double FLOOR = 1e-3;

    private final List<String> names;
    /** Of the first style, in units of {@link #deviation}. */
    private final double[] origin;

    private final double[] deviation;
    /** The covariance's inverse times each other style's mean less the first one's. */
    private final double[][] axes;

    private final double[] squares;
    private final Cholesky plane;

    /** @param references statistics of each style's pictures, the run's own style first; at least two styles */
    public StyleDiscriminant(Map<String, List<double[]>> references) {
        names = List.copyOf(references.keySet());
        if (names.size() < 2) {
            throw new WorkFailedException("styles are told apart from two on, and there is " + names);
        }
        List<double[]> means = new ArrayList<>();
        double[][] residuals = residuals(references, means);
        int freedom = residuals.length - names.size();
        deviation = deviations(residuals, freedom);
        for (double[] residual : residuals) {
            scale(residual);
        }
        means.forEach(this::scale);
        origin = means.get(0);
        double[][] between = new double[names.size() - 1][];
        for (int i = 0; i < between.length; i++) {
            between[i] = minus(means.get(i + 1), origin);
        }
        axes = new Shrunk(residuals, freedom).solve(between);
        squares = new double[between.length];
        double[][] products = new double[between.length][between.length];
        double trace = 0;
        for (int i = 0; i < between.length; i++) {
            for (int j = 0; j < between.length; j++) {
                products[i][j] = dot(between[i], axes[j]);
            }
            squares[i] = products[i][i];
            trace += squares[i];
        }
        for (int i = 0; i < between.length; i++) {
            // Two styles with one mean leave the plane a dimension short.
            products[i][i] += 1e-9 * trace + Float.MIN_NORMAL;
        }
        plane = new Cholesky(products);
    }

    private static double[][] residuals(Map<String, List<double[]>> references, List<double[]> means) {
        List<double[]> all = new ArrayList<>();
        references.forEach((name, pictures) -> {
            if (pictures.isEmpty()) {
                throw new WorkFailedException("the style " + name + " has no picture");
            }
            double[] mean = new double[pictures.get(0).length];
            for (double[] picture : pictures) {
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += picture[i] / pictures.size();
                }
            }
            means.add(mean);
            pictures.forEach(picture -> all.add(minus(picture, mean)));
        });
        if (all.size() <= references.size()) {
            throw new WorkFailedException("styles need at least two pictures, and there are " + all.size() + " of "
                    + references.size() + " styles");
        }
        return all.toArray(double[][]::new);
    }

    private static double[] deviations(double[][] residuals, int freedom) {
        double[] deviations = new double[residuals[0].length];
        double largest = 0;
        for (int i = 0; i < deviations.length; i++) {
            double sum = 0;
            for (double[] residual : residuals) {
                sum += residual[i] * residual[i];
            }
            deviations[i] = Math.sqrt(sum / freedom);
            largest = Math.max(largest, deviations[i]);
        }
        for (int i = 0; i < deviations.length; i++) {
            deviations[i] = Math.max(deviations[i], Math.max(FLOOR * largest, Float.MIN_NORMAL));
        }
        return deviations;
    }

    private void scale(double[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= deviation[i];
        }
    }

    /** The styles' names, in the order given. */
    public List<String> names() {
        return names;
    }

    /** The distances of a picture to all styles, in their order. */
    public double[] distances(double[] statistics) {
        double[] x = statistics.clone();
        scale(x);
        double[] away = minus(x, origin);
        double[] along = new double[axes.length];
        for (int i = 0; i < along.length; i++) {
            along[i] = dot(axes[i], away);
        }
        double own = dot(along, plane.solve(along));
        double[] distances = new double[names.size()];
        distances[0] = Math.sqrt(Math.max(0, own));
        for (int i = 0; i < along.length; i++) {
            distances[i + 1] = Math.sqrt(Math.max(0, own - 2 * along[i] + squares[i]));
        }
        return distances;
    }

    /** How much nearer distances are to the first style than to the nearest other one; negative where another is nearer. */
    public static double lead(double[] distances) {
        double nearest = Double.POSITIVE_INFINITY;
        for (int i = 1; i < distances.length; i++) {
            nearest = Math.min(nearest, distances[i]);
        }
        return nearest - distances[0];
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] minus(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return difference;
    }

    /**
     * The shrunk covariance of n residuals of width p: (1 - l) S + l m I with S = R^T R / n, m = tr S / p, and l as Ledoit
     * and Wolf estimate it from the residuals, times n over the degrees of freedom. It is never formed: its inverse needs a
     * system of n equations only (Woodbury's identity).
     */
    private static final class Shrunk {
        private final double[][] residuals;
        private final double[][] products;
        private final double ridge;
        private final double rest;
        private final double factor;

        Shrunk(double[][] residuals, int freedom) {
            this.residuals = residuals;
            int n = residuals.length;
            double p = residuals[0].length;
            products = new double[n][n];
            double trace = 0;
            double squares = 0;
            double fourth = 0;
            for (int i = 0; i < n; i++) {
                for (int j = 0; j <= i; j++) {
                    double product = dot(residuals[i], residuals[j]);
                    products[i][j] = product;
                    squares += (i == j ? 1 : 2) * product * product;
                }
                trace += products[i][i] / n;
                fourth += products[i][i] * products[i][i] / n;
            }
            squares /= (double) n * n;
            double mean = trace / p;
            double spread = squares / p - mean * mean;
            double error = Math.min((fourth - squares) / n / p, spread);
            double intensity = spread > 0 ? Math.max(0, error / spread) : 1;
            ridge = Math.max(intensity * mean, 1e-6 * mean + Float.MIN_NORMAL);
            rest = (1 - intensity) / (n * ridge);
            factor = (double) freedom / n;
        }

        /** The inverse times each vector. */
        double[][] solve(double[][] vectors) {
            int n = residuals.length;
            double[][] system = new double[n][n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j <= i; j++) {
                    system[i][j] = rest * products[i][j] + (i == j ? 1 : 0);
                }
            }
            Cholesky cholesky = new Cholesky(system);
            double[][] solved = new double[vectors.length][];
            for (int v = 0; v < vectors.length; v++) {
                double[] seen = new double[n];
                for (int i = 0; i < n; i++) {
                    seen[i] = rest * dot(residuals[i], vectors[v]);
                }
                double[] weights = cholesky.solve(seen);
                double[] result = vectors[v].clone();
                for (int i = 0; i < n; i++) {
                    for (int k = 0; k < result.length; k++) {
                        result[k] -= weights[i] * residuals[i][k];
                    }
                }
                for (int k = 0; k < result.length; k++) {
                    result[k] *= factor / ridge;
                }
                solved[v] = result;
            }
            return solved;
        }
    }
}
