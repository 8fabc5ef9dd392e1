package atelier.evaluation.sampling;

import atelier.common.error.WrongCommandException;
import atelier.inference.request.SamplingSettings;

/**
 * How the pictures that are judged are drawn.
 *
 * @param sampling sampler, steps and guidance
 * @param negativePrompt what guidance leads away from; empty for nothing
 * @param side of the square in pixels; 0 takes the model's own
 * @param batchSize pictures drawn at once
 */
public record DrawSettings(SamplingSettings sampling, String negativePrompt, int side, int batchSize) {
    public DrawSettings {
        if (side < 0) {
            throw new WrongCommandException("draw.side must be at least 0, got " + side);
        }
        if (batchSize < 1) {
            throw new WrongCommandException("draw.batch_size must be at least 1, got " + batchSize);
        }
    }
}
