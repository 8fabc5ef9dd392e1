/** What a weight file or folder is, in words. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.adapter.inspect;
