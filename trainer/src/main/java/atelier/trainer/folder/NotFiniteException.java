package atelier.trainer.folder;

import atelier.common.error.WorkFailedException;

/** A loss or a gradient became infinite or not a number: the run ends, and what was saved before stays as it was. */
public final class NotFiniteException extends WorkFailedException {
    private static final long serialVersionUID = 1;

    /**
     * @param what is not a number
     * @param kept what can be gone on from, in words
     */
    public NotFiniteException(long step, String what, double value, String kept) {
        super("step " + step + ": the " + what + " is " + value + "; " + kept
                + ". Lower optimizer.lr, set train.max_grad_norm, or use model.dtype=fp32");
    }
}
