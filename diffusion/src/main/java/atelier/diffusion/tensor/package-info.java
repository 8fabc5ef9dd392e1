/** Kernels, the tape that joins them, and the only code that knows PyTorch's engine. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.tensor;
