/** Noise: the generators that PyTorch's users know by their seeds, and the schedule by which it is added. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.noise;
