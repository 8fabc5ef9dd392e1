/** The denoising network. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.unet;
