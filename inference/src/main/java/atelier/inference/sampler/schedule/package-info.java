/** The noise levels and timesteps that a trajectory visits. */
@org.jspecify.annotations.NullMarked
package atelier.inference.sampler.schedule;
