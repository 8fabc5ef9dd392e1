package atelier.evaluation.measure;

import atelier.evaluation.sampling.Drawings;
import java.util.List;

/**
 * What one strength gave.
 *
 * @param drawings of the prompts
 * @param neutral drawings of the neutral prompts
 * @param losses of held-out pictures' denoising, one a picture; empty where there are none
 * @param predictions for noised neutral pictures of the base, one a prompt
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record Strength(Drawings drawings, Drawings neutral, double[] losses, List<float[]> predictions) {
    double strength() {
        return drawings.strength();
    }
}
