package atelier.inference.prompt;

/** How weights act on a window's text states. */
public final class Emphasis {
    private Emphasis() {}

    /**
     * Multiplies each token's state by its weight, then all states by one factor that brings their mean back to what it was
     * (AUTOMATIC1111's rule "Original"). Weights of 1 change nothing.
     *
     * @param states row-major [tokens, width], changed in place
     * @param weights one a token
     */
    public static void apply(float[] states, float[] weights) {
        boolean plain = true;
        for (float weight : weights) {
            plain &= weight == 1;
        }
        if (plain) {
            return;
        }
        int width = states.length / weights.length;
        double before = mean(states);
        for (int i = 0; i < states.length; i++) {
            states[i] *= weights[i / width];
        }
        float factor = (float) (before / mean(states));
        for (int i = 0; i < states.length; i++) {
            states[i] *= factor;
        }
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
