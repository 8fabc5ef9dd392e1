/** Learning rates as pure functions of the step. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.schedule;
