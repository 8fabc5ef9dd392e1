/** A whole model: networks, tokenizers and noise schedule, opened as they are needed. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.model;
