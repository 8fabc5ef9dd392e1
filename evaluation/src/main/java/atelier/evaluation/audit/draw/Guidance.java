package atelier.evaluation.audit.draw;

import java.util.List;

/** What steers a trajectory: the output that a sampler goes on from, made of one or two networks' predictions. */
public interface Guidance {
    /** Passes of a network that one row's output takes. */
    int PASSES = 2;

    /**
     * The output for a batch.
     *
     * @param latents one row after another
     * @param prompts one a row
     * @param magnitudes what the rule measures is added here, one a row
     */
    float[] predict(float[] latents, double timestep, List<String> prompts, double[] magnitudes);
}
