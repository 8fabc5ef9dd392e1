package atelier.diffusion.tensor;

import ai.djl.ndarray.NDArray;

/**
 * A tensor that is trained.
 *
 * @param name unique within a run
 * @param value fp32, changed in place by the optimiser
 * @param gradient fp32, same shape; backward passes add to it
 */
public record Parameter(String name, NDArray value, NDArray gradient) {}
