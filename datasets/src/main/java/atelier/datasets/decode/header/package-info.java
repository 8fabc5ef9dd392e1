/** What an image file's first bytes say: format, size, profile, orientation. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.decode.header;
