/** Figures of sets of pictures: style, content, diversity, distance. */
@NullMarked
package atelier.evaluation.metric;

import org.jspecify.annotations.NullMarked;
