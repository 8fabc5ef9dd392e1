/** Figures of sets of pictures: style, content, diversity, distance. */
@NullMarked
package atelier.evaluation.metrics;

import org.jspecify.annotations.NullMarked;
