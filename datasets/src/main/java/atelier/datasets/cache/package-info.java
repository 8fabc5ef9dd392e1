/** Latents and text states kept on disk. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.cache;
