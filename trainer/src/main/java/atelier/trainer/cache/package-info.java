/** Encoded pictures, captions and masks on disk, many in a file. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.cache;
