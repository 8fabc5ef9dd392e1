package atelier.trainer.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.noise.BetaCurve;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.noise.NoiseSettings;
import atelier.diffusion.noise.PredictionType;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Kernels;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel that makes losses on a GPU, beside the loss as Java makes it. */
class DeviceLossTest {
    private static final Kernels KERNELS = Kernels.load(Device.cpu(), List.of(Objective.KERNELS));
    private static final int N = 3;
    private static final long[] SHAPE = {N, 4, 6, 5};
    private static final int SIZE = N * 4 * 6 * 5;

    private static double largest(float[] values, float[] beside) {
        double largest = 0;
        for (int i = 0; i < values.length; i++) {
            largest = Math.max(largest, Math.abs(values[i] - (double) beside[i]));
        }
        return largest;
    }

    @ParameterizedTest
    @CsvSource({
        "MSE, NONE, false, false",
        "MSE, MIN_SNR, false, false",
        "MSE, NONE, true, false",
        "MSE, MIN_SNR, true, true",
        "HUBER, NONE, false, false",
        "HUBER, MIN_SNR, true, true",
        "SMOOTH_L1, NONE, false, false",
        "SMOOTH_L1, MIN_SNR, true, false"
    })
    void valueAndSlopeAreTheObjectives(LossName loss, LossWeighting weighting, boolean masked, boolean normalised) {
        Settings settings = new Settings();
        settings.loss = loss;
        settings.weighting = weighting;
        settings.normalised = normalised;
        settings.huber = HuberSchedule.SNR;
        NoiseSettings model =
                new NoiseSettings(1000, 0.00085, 0.012, BetaCurve.SCALED_LINEAR, null, false, PredictionType.EPSILON);
        Objective objective =
                new Objective(settings.of(), new NoiseSchedule(settings.of().noise(model)));
        float[] prediction = new TorchRandom(1).normal(SIZE);
        float[] target = new TorchRandom(2).normal(SIZE);
        // Differences of all sizes, none among them.
        for (int i = 0; i < SIZE; i++) {
            target[i] = prediction[i] + target[i] * (float) Math.pow(10, -(i % 7));
        }
        target[5] = prediction[5];
        float[] mask = masked ? new TorchRandom(3).uniform(N * 30) : null;
        if (mask != null) {
            Arrays.fill(mask, 30, 60, 0);
        }
        int[] timesteps = {3, 400, 999};
        double[] weights = {1, 0.5, 2.5};
        float[] slope = new float[SIZE];
        double value = objective.loss(prediction, target, timesteps, weights, mask, slope);

        LossTerms terms = objective.terms(timesteps, weights);
        float[] each = terms.weights().clone();
        for (int i = 0; i < N; i++) {
            each[i] *= N / (float) SIZE;
        }
        try (NDManager scope = KERNELS.manager().newSubManager()) {
            NDList made = KERNELS.call(
                    scope,
                    "weighted_loss",
                    scope.create(prediction, new Shape(SHAPE)),
                    scope.create(target, new Shape(SHAPE)),
                    scope.create(each),
                    scope.create(terms.thresholds()),
                    mask == null ? new NDList() : new NDList(scope.create(mask, new Shape(N, 6, 5))),
                    terms.normalised(),
                    terms.loss().ordinal(),
                    1.0);
            assertThat(made.get(0).getFloat() / value).as("loss").isCloseTo(1, within(1e-6));
            double most = largest(slope, new float[SIZE]);
            assertThat(largest(made.get(1).toFloatArray(), slope) / most)
                    .as("slope")
                    .isCloseTo(0, within(1e-6));
        }
    }
}
