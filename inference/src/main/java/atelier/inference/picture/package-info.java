/** Pictures as files: PNG, JPEG and WebP that say how and from what they were made, grids, the invisible watermark. */
@org.jspecify.annotations.NullMarked
package atelier.inference.picture;
