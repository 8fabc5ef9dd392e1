/** Samplers, text to image, picture metadata. */
@org.jspecify.annotations.NullMarked
package atelier.inference;
