package atelier.diffusion.tensor;

/**
 * One kernel with the tensors that it works on: it goes forward by {@code kernel} and back by {@code kernel_grad}.
 */
public record Segment(String kernel, BlockTensors tensors) {}
