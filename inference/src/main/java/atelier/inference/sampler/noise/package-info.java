/** The noise that stochastic samplers add on their way. */
@org.jspecify.annotations.NullMarked
package atelier.inference.sampler.noise;
