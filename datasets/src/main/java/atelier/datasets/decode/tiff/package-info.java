/** Decoding TIFF: its directory, compressions, predictors, and the forms of its samples. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.decode.tiff;
