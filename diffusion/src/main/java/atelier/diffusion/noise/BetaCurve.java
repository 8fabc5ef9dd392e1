package atelier.diffusion.noise;

import atelier.common.error.WrongCommandException;

/** How the variances beta of the single noising steps grow from the first step to the last. */
public enum BetaCurve {
    /** Evenly from beta_start to beta_end (Ho et al., 2020). */
    LINEAR("linear"),
    /** The square roots evenly, as in latent diffusion. */
    SCALED_LINEAR("scaled_linear"),
    /** From alphaBar(t) = cos^2((t + 0.008) / 1.008 * pi / 2), each beta at most 0.999 (Nichol and Dhariwal, 2021). */
    SQUARED_COSINE("squaredcos_cap_v2");

    private final String key;

    BetaCurve(String key) {
        this.key = key;
    }

    /** The curve of that name; throws WrongCommandException that lists the names. */
    public static BetaCurve of(String key) {
        for (BetaCurve curve : values()) {
            if (curve.key.equals(key)) {
                return curve;
            }
        }
        throw new WrongCommandException(
                "beta_schedule in scheduler_config.json must be linear, scaled_linear or squaredcos_cap_v2, got '" + key
                        + "'");
    }

    /** The betas of all {@code steps} training steps, float32 as PyTorch computes them. */
    float[] betas(int steps, double start, double end) {
        return switch (this) {
            case LINEAR -> evenly(start, end, steps);
            case SCALED_LINEAR -> {
                float[] betas = evenly(Math.sqrt(start), Math.sqrt(end), steps);
                for (int t = 0; t < steps; t++) {
                    betas[t] *= betas[t];
                }
                yield betas;
            }
            case SQUARED_COSINE -> {
                float[] betas = new float[steps];
                for (int t = 0; t < steps; t++) {
                    double ratio = squaredCosine((t + 1.0) / steps) / squaredCosine((double) t / steps);
                    betas[t] = (float) Math.min(1 - ratio, 0.999);
                }
                yield betas;
            }
        };
    }

    private static double squaredCosine(double t) {
        double cosine = Math.cos((t + 0.008) / 1.008 * Math.PI / 2);
        return cosine * cosine;
    }

    /** torch.linspace in float32: each half is counted from its own end, with fused multiply and add. */
    private static float[] evenly(double from, double to, int steps) {
        float start = (float) from;
        float end = (float) to;
        float[] values = new float[steps];
        if (steps == 1) {
            values[0] = start;
            return values;
        }
        float step = (end - start) / (steps - 1);
        for (int i = 0; i < steps; i++) {
            values[i] = i < steps / 2 ? Math.fma(step, i, start) : Math.fma(-step, steps - i - 1, end);
        }
        return values;
    }
}
