/** Adapters as files: the formats that other front ends read, in one neutral form. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.adapter.file;
