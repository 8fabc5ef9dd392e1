package atelier.trainer.loop;

/**
 * How far training goes, and how far one step.
 *
 * @param steps of the whole run
 * @param maxGradNorm gradients are scaled down to this global 2-norm; 0 leaves them as they are
 */
public record StepLimits(int steps, double maxGradNorm) {
    /** What gradients of a norm are multiplied by. */
    double factor(double norm) {
        return maxGradNorm > 0 && norm > maxGradNorm ? maxGradNorm / (norm + 1e-6) : 1;
    }
}
