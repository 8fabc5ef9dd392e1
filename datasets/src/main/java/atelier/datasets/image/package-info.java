/** Decoding to sRGB pixels, and resizing them. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.image;
