package atelier.trainer;

/** The plain denoising loss (Ho et al. 2020): the mean of the squared differences, each example by its own weight. */
final class MeanSquare {
    private MeanSquare() {}

    static double of(float[] prediction, StepPlan plan, float[] slope) {
        int each = prediction.length / plan.weights().length;
        double sum = 0;
        for (int i = 0; i < prediction.length; i++) {
            float weight = (float) plan.weights()[i / each];
            float difference = prediction[i] - plan.target()[i];
            sum += (double) weight * difference * difference;
            slope[i] = 2 * weight * difference / prediction.length;
        }
        return sum / prediction.length;
    }
}
