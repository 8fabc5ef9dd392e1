/** Exact and perceptual digests of images. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.hash;
