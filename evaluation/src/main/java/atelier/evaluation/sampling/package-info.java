/** Pictures of the base and the adapted model from the same noise. */
@NullMarked
package atelier.evaluation.sampling;

import org.jspecify.annotations.NullMarked;
