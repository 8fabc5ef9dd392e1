package atelier.diffusion.noise;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The forward process: x_t = sqrt(alphaBar(t)) x_0 + sqrt(1 - alphaBar(t)) noise, for t from 0 (almost clean) to
 * length() - 1 (almost noise). Values are float32, computed in the order in which diffusers computes them.
 */
public final class NoiseSchedule {
    private final NoiseSettings settings;
    private final float[] alphaBar;

    public NoiseSchedule(NoiseSettings settings) {
        this.settings = settings;
        float[] betas = betas(settings);
        if (settings.zeroTerminalSnr()) {
            rescaleToZeroTerminalSnr(betas);
        }
        alphaBar = cumulativeProductOfAlphas(betas);
    }

    /** The schedule that a model's scheduler_config.json describes; see {@link NoiseSettings#of}. */
    public static NoiseSchedule of(JsonNode schedulerConfig) {
        return new NoiseSchedule(NoiseSettings.of(schedulerConfig));
    }

    public NoiseSettings settings() {
        return settings;
    }

    public PredictionType prediction() {
        return settings.prediction();
    }

    /** The number of training steps. */
    public int length() {
        return alphaBar.length;
    }

    /** The share of the sample's variance that is left at step t: the product of (1 - beta) up to and with t. */
    public float alphaBar(int t) {
        if (t < 0 || t >= alphaBar.length) {
            throw new IllegalArgumentException(
                    "a timestep must be between 0 and " + (alphaBar.length - 1) + ", got " + t);
        }
        return alphaBar[t];
    }

    /** All values of alphaBar, a copy. */
    public float[] alphaBars() {
        return alphaBar.clone();
    }

    /** The factor of the clean sample at step t, sqrt(alphaBar). */
    public float signalScale(int t) {
        return (float) Math.sqrt(alphaBar(t));
    }

    /** The factor of the noise at step t, sqrt(1 - alphaBar). */
    public float noiseScale(int t) {
        return (float) Math.sqrt(1 - alphaBar(t));
    }

    /** The signal-to-noise ratio at step t, alphaBar / (1 - alphaBar); 0 at the end of a zero-terminal-SNR schedule. */
    public double signalToNoise(int t) {
        double signal = alphaBar(t);
        return signal / (1 - signal);
    }

    /** x_t of a clean sample: signalScale(t) sample + noiseScale(t) noise. */
    public float[] addNoise(float[] sample, float[] noise, int t) {
        return combine(signalScale(t), sample, noiseScale(t), noise);
    }

    /** v of a clean sample: signalScale(t) noise - noiseScale(t) sample. */
    public float[] velocity(float[] sample, float[] noise, int t) {
        return combine(signalScale(t), noise, -noiseScale(t), sample);
    }

    /** What the network should predict for this sample and noise at step t. */
    public float[] target(float[] sample, float[] noise, int t) {
        return switch (settings.prediction()) {
            case EPSILON -> noise.clone();
            case V_PREDICTION -> velocity(sample, noise, t);
            case SAMPLE -> sample.clone();
        };
    }

    private static float[] combine(float a, float[] x, float b, float[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "sample and noise must have as many elements, got " + x.length + " and " + y.length);
        }
        float[] sum = new float[x.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = a * x[i] + b * y[i];
        }
        return sum;
    }

    private static float[] betas(NoiseSettings settings) {
        var trained = settings.trainedBetas();
        if (trained == null) {
            return settings.curve().betas(settings.trainSteps(), settings.betaStart(), settings.betaEnd());
        }
        float[] betas = new float[trained.size()];
        for (int t = 0; t < betas.length; t++) {
            betas[t] = trained.get(t).floatValue();
        }
        return betas;
    }

    /**
     * Shifts sqrt(alphaBar) so that its last value is 0 and scales it so that its first value stays (Lin et al., "Common
     * diffusion noise schedules and sample steps are flawed", 2023, algorithm 1).
     */
    private static void rescaleToZeroTerminalSnr(float[] betas) {
        float[] root = cumulativeProductOfAlphas(betas);
        for (int t = 0; t < root.length; t++) {
            root[t] = (float) Math.sqrt(root[t]);
        }
        float first = root[0];
        float last = root[root.length - 1];
        float scale = first / (first - last);
        float before = 1;
        for (int t = 0; t < root.length; t++) {
            float shifted = (root[t] - last) * scale;
            float bar = shifted * shifted;
            betas[t] = 1 - (t == 0 ? bar : bar / before);
            before = bar;
        }
    }

    /** torch.cumprod of float32 accumulates in double and rounds each result. */
    private static float[] cumulativeProductOfAlphas(float[] betas) {
        float[] products = new float[betas.length];
        double product = 1;
        for (int t = 0; t < betas.length; t++) {
            product *= 1 - betas[t];
            products[t] = (float) product;
        }
        return products;
    }
}
