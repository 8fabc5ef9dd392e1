package atelier.trainer.optimizer;

/**
 * Keys {@code optimizer.muon.*}.
 *
 * @param adjust how the step depends on the matrix's shape
 */
public record MuonSettings(Adjust adjust) {
    /** How long a step is for a matrix [rows, columns]. */
    public enum Adjust {
        /** sqrt(max(1, rows / columns)), as first published; wants a rate of its own. */
        ORIGINAL,
        /** 0.2 sqrt(max(rows, columns)), about AdamW's step, so that AdamW's rates serve (Liu et al. 2025). */
        MATCH_RMS_ADAMW
    }
}
