/** Decoding image files to sRGB pixels, one class a picture format. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.decode;
