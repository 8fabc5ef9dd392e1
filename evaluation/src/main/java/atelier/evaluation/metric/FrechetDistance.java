package atelier.evaluation.metric;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;

/**
 * The squared Frechet distance of two normal distributions with the means and covariances of two sets of features: FID
 * where the features are those of its Inception (Heusel et al. 2017). It comes out too great for few pictures.
 */
public final class FrechetDistance {
    /** The kernels to load beside the diffusion model's. */
    public static final String KERNELS = "/atelier/evaluation/metric/frechet.py";

    /** Fewer pictures on either side leave covariances without full rank. */
    public static final int FEWEST = 2048;

    private FrechetDistance() {}

    /** The distance of two sets of rows, each of at least two; with {@link #KERNELS} among the kernels. */
    public static double of(float[][] x, float[][] y, Kernels kernels) {
        // Eigenvalues in double precision are the processor's work, wherever the networks run.
        try (NDManager scope = kernels.manager().newSubManager(Device.cpu())) {
            return HostCopy.doubles(kernels.one(scope, "frechet_distance", rows(scope, x), rows(scope, y)))[0];
        }
    }

    private static NDArray rows(NDManager scope, float[][] rows) {
        int width = rows[0].length;
        double[] all = new double[rows.length * width];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < width; j++) {
                all[i * width + j] = rows[i][j];
            }
        }
        return scope.create(all, new Shape(rows.length, width));
    }
}
