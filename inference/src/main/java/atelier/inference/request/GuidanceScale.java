package atelier.inference.request;

import static atelier.common.error.Checks.check;

/**
 * Classifier-free guidance (Ho and Salimans, 2022): out = without + scale (with - without) the prompt.
 *
 * @param scale 1 and less turns guidance off
 * @param rescale share, 0 to 1, by which the result's deviation is brought back to that of the prompt's prediction (Lin
 *     et al., 2023, section 3.4)
 * @param start share of the trajectory, 0 to 1, before which guidance is off
 * @param end share of the trajectory after which guidance is off (Kynkäänniemi et al., "Applying guidance in a limited
 *     interval", 2024)
 */
public record GuidanceScale(double scale, double rescale, double start, double end) {
    public GuidanceScale {
        check(scale >= 0, "guidance_scale must be at least 0, got " + scale);
        check(rescale >= 0 && rescale <= 1, "guidance_rescale must be between 0 and 1, got " + rescale);
        check(
                0 <= start && start <= end && end <= 1,
                "guidance_start and guidance_end must be between 0 and 1 and in order, got " + start + " and " + end);
    }

    /** Whether the call needs the prediction without the prompt. */
    public boolean active(int call, int calls) {
        double place = (double) call / calls;
        return scale > 1 && place >= start && place < end;
    }

    /**
     * @param without predictions without the prompt, or with the negative one
     * @param with predictions with the prompt, the same shape
     * @param elements values an image
     */
    public float[] apply(float[] without, float[] with, int elements) {
        float[] guided = new float[with.length];
        float factor = (float) scale;
        for (int i = 0; i < guided.length; i++) {
            guided[i] = without[i] + factor * (with[i] - without[i]);
        }
        if (rescale > 0) {
            for (int from = 0; from < guided.length; from += elements) {
                rescale(guided, with, from, elements);
            }
        }
        return guided;
    }

    private void rescale(float[] guided, float[] with, int from, int elements) {
        float ratio = (float) (deviation(with, from, elements) / deviation(guided, from, elements));
        float share = (float) rescale;
        for (int i = from; i < from + elements; i++) {
            guided[i] = share * (guided[i] * ratio) + (1 - share) * guided[i];
        }
    }

    private static double deviation(float[] values, int from, int count) {
        double mean = 0;
        for (int i = from; i < from + count; i++) {
            mean += values[i];
        }
        mean /= count;
        double squares = 0;
        for (int i = from; i < from + count; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
        }
        return Math.sqrt(squares / (count - 1));
    }
}
