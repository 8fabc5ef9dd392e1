/** The autoencoder between pictures and latents. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.vae;
