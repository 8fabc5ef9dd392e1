package atelier.evaluation.audit.draw;

import atelier.inference.draw.Guidance;
import atelier.inference.draw.PictureSize;
import java.util.List;

/** Steers the trajectories of one batch, in which every row has a prompt of its own. */
public interface BatchGuidance extends Guidance, AutoCloseable {
    /** Passes of a network that one row's output takes. */
    int PASSES = 2;

    /** What is measured on the way, one a row, added up over the calls; zeros where nothing is. */
    double[] magnitudes();

    @Override
    void close();

    /** How all batches are steered. */
    @FunctionalInterface
    interface Rule {
        /** @param prompts one a row, each encoded beforehand */
        BatchGuidance of(List<String> prompts, PictureSize size);
    }
}
