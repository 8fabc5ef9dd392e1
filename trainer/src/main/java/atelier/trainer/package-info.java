/** Settings, loop, step, optimiser, state, checkpoints, export, metrics. */
@org.jspecify.annotations.NullMarked
package atelier.trainer;
