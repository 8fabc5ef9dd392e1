/** The safetensors format: files, headers, tensors, element types. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.weights.safetensors;
