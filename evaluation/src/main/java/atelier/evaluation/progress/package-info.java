/** How far long work is. */
@NullMarked
package atelier.evaluation.progress;

import org.jspecify.annotations.NullMarked;
