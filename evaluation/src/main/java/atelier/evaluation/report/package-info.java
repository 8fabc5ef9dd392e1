/** An evaluation for people and for machines. */
@NullMarked
package atelier.evaluation.report;

import org.jspecify.annotations.NullMarked;
