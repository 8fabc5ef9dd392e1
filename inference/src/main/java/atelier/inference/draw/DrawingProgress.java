package atelier.inference.draw;

import java.io.IOException;

/** Hears how far a request is and may stop it. */
@FunctionalInterface
public interface DrawingProgress {
    /** Goes on silently. */
    DrawingProgress SILENT = (done, all, latents) -> true;

    /**
     * Called after each model call.
     *
     * @param done calls made
     * @param all calls of this pass
     * @param latents as they are now, brought to the spread that the next call takes, one picture after another; not to be
     *     changed
     * @return whether to go on
     */
    boolean step(int done, int all, float[] latents) throws IOException;
}
