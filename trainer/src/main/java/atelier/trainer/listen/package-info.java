/** What happens between steps: validation, samples, saving. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.listen;
