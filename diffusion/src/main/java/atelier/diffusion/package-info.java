/** The model family: tensors, text encoder, UNet, autoencoder, noise, adapters, weights. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion;
