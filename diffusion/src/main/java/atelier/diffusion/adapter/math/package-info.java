/** Adapters added, resized and extracted, in plain fp32 arithmetic. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.adapter.math;
