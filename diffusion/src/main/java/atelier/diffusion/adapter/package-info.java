/** Trainable updates of a frozen network: attached, merged, read and written. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.adapter;
