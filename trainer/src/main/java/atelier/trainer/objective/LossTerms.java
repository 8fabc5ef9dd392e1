package atelier.trainer.objective;

/**
 * What the loss of a batch is made of beside prediction, target and mask: for {@link Objective#KERNELS}.
 *
 * @param weights what each example's mean counts by in the batch's
 * @param thresholds the Huber losses', one an example
 * @param normalised whether a masked mean is over the mask
 */
@SuppressWarnings("ArrayRecordComponent") // carried to tensors, never compared
public record LossTerms(LossName loss, float[] weights, float[] thresholds, boolean normalised) {}
