/** Names of layers in diffusers' layout and in that of the original code. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.weights.name;
