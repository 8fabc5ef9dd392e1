/** Where a run's figures go: a table, TensorBoard's event files, the terminal, a plain log. */
@NullMarked
package atelier.trainer.metrics;

import org.jspecify.annotations.NullMarked;
