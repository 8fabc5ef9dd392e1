package atelier.inference.sampler.schedule;

import atelier.diffusion.noise.PredictionType;

/** What a model's output says about the clean sample and about the noise, for both ways of writing a noised sample. */
public final class Prediction {
    private Prediction() {}

    /** The clean sample, where x = alpha sample + sigma noise. */
    public static float[] sample(PredictionType type, float[] x, float[] output, float alpha, float sigma) {
        return switch (type) {
            case EPSILON -> {
                float[] sample = new float[x.length];
                for (int i = 0; i < sample.length; i++) {
                    sample[i] = (x[i] - sigma * output[i]) / alpha;
                }
                yield sample;
            }
            case V_PREDICTION -> Steps.combine(alpha, x, -sigma, output);
            case SAMPLE -> output;
        };
    }

    /** The noise, where x = alpha sample + sigma noise. */
    public static float[] noise(PredictionType type, float[] x, float[] output, float alpha, float sigma) {
        return switch (type) {
            case EPSILON -> output;
            case V_PREDICTION -> Steps.combine(alpha, output, sigma, x);
            case SAMPLE -> {
                float[] noise = new float[x.length];
                for (int i = 0; i < noise.length; i++) {
                    noise[i] = (x[i] - alpha * output[i]) / sigma;
                }
                yield noise;
            }
        };
    }

    /** The clean sample, where x = sample + sigma noise and the model saw x / sqrt(sigma^2 + 1). */
    public static float[] denoised(PredictionType type, float[] x, float[] output, float sigma) {
        return switch (type) {
            case EPSILON -> Steps.add(x, -sigma, output);
            case V_PREDICTION -> {
                float square = sigma * sigma + 1;
                float scale = -sigma / Steps.sqrt(square);
                float[] sample = new float[x.length];
                for (int i = 0; i < sample.length; i++) {
                    sample[i] = output[i] * scale + x[i] / square;
                }
                yield sample;
            }
            case SAMPLE -> output;
        };
    }
}
