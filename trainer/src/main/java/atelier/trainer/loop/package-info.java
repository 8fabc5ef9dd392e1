/** The training loop: passes, gradients, the parameters' update. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.loop;
