/** Samplers: from noise to a latent by the network's predictions, step by step, in plain float32 arithmetic. */
@org.jspecify.annotations.NullMarked
package atelier.inference.sampler;
