/** Networks that look at pictures. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.vision;
