package atelier.trainer.objective;

import atelier.diffusion.noise.NoiseSchedule;
import org.jspecify.annotations.Nullable;

/**
 * The loss of a batch, and its slope by the prediction: the mean over the examples of
 *
 * <pre>example's weight * timestep's weight * mean over elements of mask * loss(prediction - target).</pre>
 */
public final class Objective {
    /** The kernel text that makes the loss on a device. */
    public static final String KERNELS = "/atelier/trainer/objective/objective.py";

    private final ObjectiveSettings settings;
    private final double[] weights;
    private final double[] thresholds;

    /**
     * @param schedule the training's, of {@link ObjectiveSettings#noise}
     * @throws WrongCommandException where the weighting is not defined for what the schedule predicts
     */
    public Objective(ObjectiveSettings settings, NoiseSchedule schedule) {
        this.settings = settings;
        this.weights = new double[schedule.length()];
        this.thresholds = new double[schedule.length()];
        for (int t = 0; t < weights.length; t++) {
            weights[t] = settings.weighting().weight(schedule.signalToNoise(t), schedule.prediction(), settings);
            thresholds[t] = settings.huberScale()
                    * settings.huberSchedule().threshold(settings.huberC(), t, schedule.length(), schedule.alphaBar(t));
        }
    }

    /** What a timestep's loss is multiplied by. */
    public double weight(int timestep) {
        return weights[timestep];
    }

    /** The Huber losses' threshold at a timestep. */
    double threshold(int timestep) {
        return thresholds[timestep];
    }

    /** The weight of an example: its own, times objective.prior_loss_weight for a prior-preservation picture. */
    public double exampleWeight(double own, boolean prior) {
        return prior ? own * settings.priorLossWeight() : own;
    }

    /**
     * The loss of a batch.
     *
     * @param prediction row-major [n, channels, h, w]
     * @param target the same shape
     * @param timesteps one an example
     * @param exampleWeights one an example
     * @param mask [n, h, w], from 0 (does not count) to 1; null where nothing is masked
     * @param slope filled with the gradient by the prediction
     */
    public double loss(
            float[] prediction,
            float[] target,
            int[] timesteps,
            double[] exampleWeights,
            float @Nullable [] mask,
            float[] slope) {
        int n = timesteps.length;
        if (prediction.length != target.length || prediction.length != slope.length || exampleWeights.length != n) {
            throw new IllegalArgumentException("prediction, target and slope must be of one size, got "
                    + prediction.length + ", " + target.length + " and " + slope.length + " for " + n + " examples");
        }
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += exampleWeights[i] * weights[timesteps[i]] * example(i, prediction, target, timesteps, mask, slope);
            scale(slope, i, n, exampleWeights[i] * weights[timesteps[i]] / n);
        }
        return sum / n;
    }

    /** What {@link #loss} is made of for some examples, for a kernel on the device. */
    public LossTerms terms(int[] timesteps, double[] exampleWeights) {
        int n = timesteps.length;
        float[] counts = new float[n];
        float[] limits = new float[n];
        for (int i = 0; i < n; i++) {
            counts[i] = (float) (exampleWeights[i] * weights[timesteps[i]] / n);
            limits[i] = (float) thresholds[timesteps[i]];
        }
        return new LossTerms(settings.loss(), counts, limits, settings.maskNormalised());
    }

    /** One example's mean, not yet weighted; leaves the slope of that mean. */
    private double example(
            int i, float[] prediction, float[] target, int[] timesteps, float @Nullable [] mask, float[] slope) {
        int size = prediction.length / timesteps.length;
        LossName loss = settings.loss();
        double c = thresholds[timesteps[i]];
        int plane = mask == null ? size : mask.length / timesteps.length;
        double share = 1.0 / (size * meanOf(mask, i, plane));
        double sum = 0;
        for (int j = 0; j < size; j++) {
            int at = i * size + j;
            double d = (double) prediction[at] - target[at];
            double m = mask == null ? share : share * mask[i * plane + j % plane];
            sum += m * loss.value(d, c);
            slope[at] = (float) (m * loss.slope(d, c));
        }
        return sum;
    }

    /** The mask's mean where the loss is normalised by it; 1 where not, and for a mask that hides everything. */
    private double meanOf(float @Nullable [] mask, int i, int plane) {
        if (mask == null || !settings.maskNormalised()) {
            return 1;
        }
        double sum = 0;
        for (int j = 0; j < plane; j++) {
            sum += mask[i * plane + j];
        }
        return sum == 0 ? 1 : sum / plane;
    }

    private static void scale(float[] slope, int i, int n, double factor) {
        int size = slope.length / n;
        for (int j = i * size; j < (i + 1) * size; j++) {
            slope[j] *= (float) factor;
        }
    }
}
