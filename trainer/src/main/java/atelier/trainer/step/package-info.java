/** How one example is noised and conditioned. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.step;
