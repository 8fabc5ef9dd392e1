/** Intervals, tests and rates. */
@NullMarked
package atelier.evaluation.statistics;

import org.jspecify.annotations.NullMarked;
