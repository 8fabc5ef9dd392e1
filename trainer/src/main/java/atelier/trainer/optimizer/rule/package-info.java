/** Update rules, each one kernel over all tensors, proven against the libraries that people train with. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.optimizer.rule;
